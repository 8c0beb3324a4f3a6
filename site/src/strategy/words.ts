/** Numbers and laws in words, as this part shows them. */

import { realisedStd, type Distribution } from 'simdinit'
import { short } from '../charts.tsx'
import { language } from '../i18n.ts'
import { isWhole, type Drawn } from './draw.ts'
import { t } from './texts.ts'

/** A number of things. */
export function count(value: number): string {
  return value.toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB', { maximumFractionDigits: 2 })
}

/** In so many digits as tell a moment from what was wanted. */
export function figure(value: number): string {
  return short(value, 5)
}

export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

/** A distribution as it is written. */
export function lawWords(d: Distribution): string {
  switch (d.type) {
    case 'constant':
      return figure(d.value)
    case 'normal':
      return `N(${figure(d.mean)}, ${figure(d.std)}²)`
    case 'uniform':
      return `U[${figure(d.low)}, ${figure(d.high)})`
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = d
      const whole = lawWords({ type: 'normal', mean, std })
      return low === -Infinity && high === Infinity ? whole : t().cutTo(whole, bound(low), bound(high))
    }
    case 'sparse': {
      const share = d.shape[0] === 0 ? 0 : Math.ceil(d.sparsity * d.shape[0]) / d.shape[0]
      return t().zerosAmong(percent(share), lawWords({ type: 'normal', mean: 0, std: d.std }))
    }
    case 'orthogonal': {
      const axis = d.axis! < 0 ? d.shape.length + d.axis! : d.axis!
      const size = d.shape.reduce((product, n) => product * n, 1)
      return t().sphere(count(Math.max(d.shape[axis], size / d.shape[axis])))
    }
    case 'zeroRows':
      return t().zerosIn(d.rows.join(', '), lawWords(d.of))
    case 'logUniform':
      return `exp U[ln ${figure(d.low)}, ln ${figure(d.high)})`
    case 'logOfUniform':
      return `ln U[${figure(d.low)}, ${figure(d.high)})`
    case 'mambaDtBias':
    case 'griffinRecurrence':
      return t().density
    default:
      return t().byPlace
  }
}

function bound(value: number): string {
  return Number.isFinite(value) ? figure(value) : value < 0 ? '−∞' : '∞'
}

/** The standard deviation that was wanted; undefined where values follow from their place. */
export function wantedStd({ law, asked }: Drawn): string | undefined {
  return law || isWhole(asked) ? figure(law?.std ?? realisedStd(asked.distribution)) : undefined
}
