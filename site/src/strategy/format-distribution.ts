/** Formats numbers and distributions. */

import { effectiveStd, type Distribution } from 'simdinit'
import { formatNumber } from '../chart.tsx'
import { language } from '../i18n.ts'
import { isMatrixStrategy, type Sample } from './draw-sample.ts'
import { t } from './texts.ts'

export function formatCount(value: number): string {
  return value.toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB', { maximumFractionDigits: 2 })
}

/** With enough digits to compare a moment with its expected value. */
export function formatFigure(value: number): string {
  return formatNumber(value, 5)
}

export function formatPercent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

/** The usual notation of a distribution. */
export function describeDistribution(d: Distribution): string {
  switch (d.type) {
    case 'constant':
      return formatFigure(d.value)
    case 'normal':
      return `N(${formatFigure(d.mean)}, ${formatFigure(d.std)}²)`
    case 'uniform':
      return `U[${formatFigure(d.low)}, ${formatFigure(d.high)})`
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = d
      const normal = describeDistribution({ type: 'normal', mean, std })
      return low === -Infinity && high === Infinity
        ? normal
        : t().cutTo(normal, formatBound(low), formatBound(high))
    }
    case 'sparse': {
      const share = d.shape[0] === 0 ? 0 : Math.ceil(d.sparsity * d.shape[0]) / d.shape[0]
      return t().zerosAmong(
        formatPercent(share),
        describeDistribution({ type: 'normal', mean: 0, std: d.std }),
      )
    }
    case 'orthogonal': {
      const axis = d.axis! < 0 ? d.shape.length + d.axis! : d.axis!
      const size = d.shape.reduce((product, n) => product * n, 1)
      return t().sphere(formatCount(Math.max(d.shape[axis], size / d.shape[axis])))
    }
    case 'zeroRows':
      return t().zerosIn(d.rows.join(', '), describeDistribution(d.of))
    case 'logUniform':
      return `exp U[ln ${formatFigure(d.low)}, ln ${formatFigure(d.high)})`
    case 'logOfUniform':
      return `ln U[${formatFigure(d.low)}, ${formatFigure(d.high)})`
    case 'mambaDtBias':
    case 'griffinRecurrence':
      return t().density
    default:
      return t().byPlace
  }
}

function formatBound(value: number): string {
  return Number.isFinite(value) ? formatFigure(value) : value < 0 ? '−∞' : '∞'
}

/** The expected standard deviation; undefined for values that are a formula of their position. */
export function formatExpectedStd({ target, request }: Sample): string | undefined {
  return target || isMatrixStrategy(request)
    ? formatFigure(target?.std ?? effectiveStd(request.distribution))
    : undefined
}
