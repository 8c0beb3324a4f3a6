/** What reports say of a tensor. */

import { formatStrategy } from './fit-distribution.ts'
import type { InspectedTensor } from './inspect-tensors.ts'

/** A number of at most four significant digits; nothing for NaN. */
export function formatNumber(x: number): string {
  return Number.isNaN(x) ? '' : String(Number(x.toPrecision(4)))
}

/** What distribution a tensor is nearest to, in words. */
export function describeNearest({ nearest }: InspectedTensor): string {
  if (!nearest) return ''
  const { distribution, strategy, fits, distance } = nearest
  if (!fits) return `none (${distribution.type} is ${formatNumber(distance)} off)`
  return strategy ? `${distribution.type}: ${formatStrategy(strategy)}` : distribution.type
}

/** Whether the recipe explains a tensor. */
export function describeExpected({ expected }: InspectedTensor): string {
  if (!expected) return ''
  return expected.explained ? 'yes' : `no: ${expected.departs}`
}
