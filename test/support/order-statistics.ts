/**
 * What the least and the greatest of n draws can be. With F the distribution function, all n are at most x with
 * probability F(x)^n, and all are above x with (1 - F(x))^n: that is the exact law of both (David and Nagaraja, "Order
 * Statistics", 2003, section 2.1).
 */

import { compileFormula } from '../../src/distributions/formulas.ts'
import type { Distribution } from '../../src/index.ts'
import { normalSurvival } from '../../src/numeric/math.ts'

/**
 * The chances that the greatest is as small, and as great, as this one; that the least is as great, and as small. Each
 * may be off by `error`, relative to it, and is given the benefit of that.
 */
export function computeExtremeProbabilities(
  { min, max }: { min: number; max: number },
  law: Distribution,
  n: number,
  error: number,
): number[] {
  const atMost = (x: number, sign: 1 | -1) =>
    Math.min(1, Math.max(0, computeCdf(x + sign * error * Math.abs(x), law)))
  return [
    atMost(max, 1) ** n,
    1 - atMost(max, -1) ** n,
    (1 - atMost(min, -1)) ** n,
    1 - (1 - atMost(min, 1)) ** n,
  ]
}

/** F(x); less than 0 or more than 1 beyond what there is. Of rows of zeros and others, that of the others. */
function computeCdf(x: number, law: Distribution): number {
  switch (law.type) {
    case 'zeroRows':
      return computeCdf(x, law.of)
    case 'uniform':
      return (x - law.low) / (law.high - law.low)
    case 'normal':
      return normalSurvival((law.mean - x) / law.std)
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = law
      const [cut, all, here] = [low, high, x].map((bound) => normalSurvival((mean - bound) / std))
      return (here - cut) / (all - cut)
    }
    case 'mambaDtBias': {
      // it rises with u, which is uniform
      const { evaluate } = compileFormula(law)
      let [from, to] = [0, 1]
      while (to - from > 1e-12) {
        const middle = (from + to) / 2
        if (evaluate(0, middle) <= x) from = middle
        else to = middle
      }
      return from
    }
    default:
      throw new Error(`nothing is known of the extremes of ${law.type}`)
  }
}
