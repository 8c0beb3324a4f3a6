/** What statistics are made with: values gathered into a chunk, and passes over it. Two engines, the same bits. */

import type { StoredDtype } from '../safetensors/reader.ts'

/** Values in a chunk: with the counters it stays in a second-level cache. Influences the last bits of results. */
export const CHUNK = 32768

/** Of a chunk; what is not finite is left out of all but the counts. */
export interface Survey {
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly finite: number
  readonly zeros: number
  readonly nans: number
}

/** Sums of the second, third and fourth powers of the distances from the mean, over the finite values. */
export type Powers = readonly [second: number, third: number, fourth: number]

export interface Passes {
  readonly name: 'wasm' | 'js'
  /** The chunk. */
  readonly values: Float32Array
  /** Makes the stored elements of `bytes`, a whole number of them, values `at`, at + 1, ... of the chunk. */
  load(dtype: StoredDtype, bytes: Uint8Array, at: number): void
  survey(count: number): Survey
  powers(count: number, mean: number): Powers
  /** Adds the values to counters, one for each upper half of the pattern of an f32; there may be NaNs too many. */
  tally(count: number): void
  /** The 65536 counters, which the reader sets back to 0. */
  readonly counters: Uint32Array
}

/** What both engines make of the results of four lanes. */
export function surveyOf(
  sums: ArrayLike<number>,
  extremes: ArrayLike<number>,
  counts: ArrayLike<number>,
): Survey {
  const four = (at: number) => counts[at] + counts[at + 1] + counts[at + 2] + counts[at + 3]
  return {
    sum: sums[0] + sums[1] + (sums[2] + sums[3]),
    min: Math.min(extremes[0], extremes[1], extremes[2], extremes[3]),
    max: Math.max(extremes[4], extremes[5], extremes[6], extremes[7]),
    finite: four(0),
    zeros: four(4),
    nans: four(8),
  }
}

export function powersOf(sums: ArrayLike<number>): Powers {
  const four = (at: number) => sums[at] + sums[at + 1] + (sums[at + 2] + sums[at + 3])
  return [four(0), four(4), four(8)]
}
