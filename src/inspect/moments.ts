/**
 * The first four moments of values, and the moments of the union of two sets. Source: Pébay, "Formulas for robust,
 * one-pass parallel computation of covariances and arbitrary-order statistical moments" (Sandia, 2008); these formulas
 * avoid cancellation.
 */

import type { ChunkStats } from './stats-backend.ts'

/** The number of values, their mean, and the sums of the 2nd, 3rd and 4th powers of their deviations from it. */
export interface Moments {
  readonly finite: number
  readonly mean: number
  readonly m2: number
  readonly m3: number
  readonly m4: number
}

export const EMPTY_MOMENTS: Moments = { finite: 0, mean: 0, m2: 0, m3: 0, m4: 0 }

export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.finite === 0) return b
  if (b.finite === 0) return a
  const n = a.finite + b.finite
  const d = b.mean - a.mean
  const [p, q] = [a.finite / n, b.finite / n]
  const ab = d * d * p * b.finite
  return {
    finite: n,
    mean: a.mean + d * q,
    m2: a.m2 + b.m2 + ab,
    m3: a.m3 + b.m3 + ab * d * (p - q) + 3 * d * (p * b.m2 - q * a.m2),
    m4:
      a.m4 +
      b.m4 +
      ab * d * d * (p * p - p * q + q * q) +
      6 * d * d * (p * p * b.m2 + q * q * a.m2) +
      4 * d * (p * b.m3 - q * a.m3),
  }
}

type PowerSums = ChunkStats['sums']

/** Whether the mean is more than four standard deviations from the center of the sums, so that the moments lose digits. */
export function isFarFromMean(n: number, [s1, s2]: PowerSums): boolean {
  const shift = s1 * (s1 / n)
  return shift > 16 * (s2 - shift)
}

/** Moments from the sums of powers of n values about a center. */
export function computeMomentsFromSums(center: number, n: number, [s1, s2, s3, s4]: PowerSums): Moments {
  const e = s1 / n
  return {
    finite: n,
    mean: center + e,
    m2: s2 - s1 * e,
    m3: s3 - 3 * e * s2 + 2 * s1 * e * e,
    m4: s4 - 4 * e * s3 + 6 * e * e * s2 - 3 * s1 * e * e * e,
  }
}

/** Moments of values, each of which occurs as often as its count. */
export function computeMoments(values: readonly number[], counts: readonly number[]): Moments {
  let [finite, sum] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    finite += counts[i]
    sum += values[i] * counts[i]
  }
  if (finite === 0) return EMPTY_MOMENTS
  const mean = sum / finite
  let [second, third, fourth] = [0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const d = values[i] - mean
    const square = d * d * counts[i]
    second += square
    third += square * d
    fourth += square * d * d
  }
  return { finite, mean, m2: second, m3: third, m4: fourth }
}
