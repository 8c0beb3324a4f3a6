/**
 * The first four moments of some values, and how those of two sets make those of both: the formulas of Pébay, "Formulas
 * for robust, one-pass parallel computation of covariances and arbitrary-order statistical moments" (Sandia, 2008), by
 * which nothing cancels.
 */

import type { Gathered } from './passes.ts'

/** Moments about the mean, times the number of values. */
export interface Moments {
  readonly finite: number
  readonly mean: number
  readonly second: number
  readonly third: number
  readonly fourth: number
}

export const NOTHING: Moments = { finite: 0, mean: 0, second: 0, third: 0, fourth: 0 }

export function merged(a: Moments, b: Moments): Moments {
  if (a.finite === 0) return b
  if (b.finite === 0) return a
  const n = a.finite + b.finite
  const d = b.mean - a.mean
  const [p, q] = [a.finite / n, b.finite / n]
  const ab = d * d * p * b.finite
  return {
    finite: n,
    mean: a.mean + d * q,
    second: a.second + b.second + ab,
    third: a.third + b.third + ab * d * (p - q) + 3 * d * (p * b.second - q * a.second),
    fourth:
      a.fourth +
      b.fourth +
      ab * d * d * (p * p - p * q + q * q) +
      6 * d * d * (p * p * b.second + q * q * a.second) +
      4 * d * (p * b.third - q * a.third),
  }
}

type Sums = Gathered['sums']

/** Is the mean further than four standard deviations from the centre of the sums? Then digits cancel in the moments. */
export function isFar(n: number, [s1, s2]: Sums): boolean {
  const shift = s1 * (s1 / n)
  return shift > 16 * (s2 - shift)
}

/** From the sums of powers about a centre, of n values. */
export function momentsAbout(centre: number, n: number, [s1, s2, s3, s4]: Sums): Moments {
  const e = s1 / n
  return {
    finite: n,
    mean: centre + e,
    second: s2 - s1 * e,
    third: s3 - 3 * e * s2 + 2 * s1 * e * e,
    fourth: s4 - 4 * e * s3 + 6 * e * e * s2 - 3 * s1 * e * e * e,
  }
}

/** From values and how often each of them is there. */
export function momentsOf(values: readonly number[], counts: readonly number[]): Moments {
  let [finite, sum] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    finite += counts[i]
    sum += values[i] * counts[i]
  }
  if (finite === 0) return NOTHING
  const mean = sum / finite
  let [second, third, fourth] = [0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const d = values[i] - mean
    const square = d * d * counts[i]
    second += square
    third += square * d
    fourth += square * d * d
  }
  return { finite, mean, second, third, fourth }
}
