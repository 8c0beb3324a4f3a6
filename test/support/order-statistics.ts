/**
 * The distribution of the smallest and the largest of n draws. With F the distribution function, all n are at most x
 * with probability F(x)^n, and all are above x with (1 - F(x))^n (David and Nagaraja, "Order Statistics", 2003,
 * section 2.1).
 */

import { compileFormula } from '../../src/distributions/formulas.ts'
import type { Distribution } from '../../src/index.ts'
import { normalSurvival } from '../../src/numeric/math.ts'

/**
 * The probabilities of a maximum as small, and as large, as this one; and of a minimum as large, and as small. Each
 * may be off by a relative `error`, which counts in favor of the sample.
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

/** F(x); below 0 or above 1 outside of the range. For rows of zeros and others, F of the nonzero rows. */
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
      // it increases with u, which is uniform
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
