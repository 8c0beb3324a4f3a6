/** Strategies and distributions in reports. */

import type { Distribution, Strategy } from '../index.ts'
import { formatInteger, formatNumber } from '../numeric/format-number.ts'

/** A strategy as a call: `normal({ mean: 0, std: 0.02 })`. */
export function formatStrategyCall({ type, ...fields }: Strategy): string {
  const list = Object.entries(fields).map(([key, value]) => `${key}: ${formatField(value)}`)
  return list.length === 0 ? `${type}()` : `${type}({ ${list.join(', ')} })`
}

function formatField(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value)
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return typeof value === 'object' ? formatStrategyCall(value as Strategy) : `'${value}'`
}

/** A distribution as in a paper: `N(0, 0.02)`; one without such a notation by its name. */
export function formatDistribution(distribution: Distribution): string {
  switch (distribution.type) {
    case 'constant':
      return formatNumber(distribution.value)
    case 'normal':
      return `N(${formatNumber(distribution.mean)}, ${formatNumber(distribution.std)})`
    case 'uniform':
      return `U(${formatNumber(distribution.low)}, ${formatNumber(distribution.high)})`
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = distribution
      return `N(${formatNumber(mean)}, ${formatNumber(std)}) in [${formatNumber(low)}, ${formatNumber(high)}]`
    }
    case 'zeroRows': {
      const { of, rows, height } = distribution
      return `${formatDistribution(of)}, 0 in ${formatInteger(rows.length)} of ${formatInteger(height)} rows`
    }
    default:
      return distribution.type
  }
}
