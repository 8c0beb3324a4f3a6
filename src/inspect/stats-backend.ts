/** What statistics are made with: values gathered into a chunk, and a pass over it. Two engines, the same bits. */

import type { StoredDtype } from '../safetensors/reader.ts'
import type { BufferPair } from './read-ahead.ts'

/** Bytes that are read at a time. */
export const WINDOW_BYTES = 2 ** 21

/** Values in a chunk: with the counters it stays in a second-level cache. Influences the last bits of results. */
export const CHUNK_VALUES = 32768

/** Of a chunk. The sums are of x - center and of its second, third and fourth powers. */
export interface ChunkStats {
  readonly sums: readonly [first: number, second: number, third: number, fourth: number]
  readonly min: number
  readonly max: number
}

export interface StatsBackend {
  readonly name: 'wasm' | 'js'
  /** The chunk that was loaded, and room for it. */
  readonly values: Float32Array
  /** Where to read a file to: from there a chunk may need no copy. */
  readonly buffers: BufferPair
  /** Makes the stored elements of `bytes`, a whole number of them, values `at`, at + 1, ... of the chunk. */
  load(dtype: StoredDtype, bytes: Uint8Array, at: number): void
  /**
   * Of so many values of the chunk; `center` is an f32. If one of them is not finite, the sum of the fourth powers is
   * not, and the rest means nothing. With `tally`, adds them to counters, one for each upper half of a pattern.
   */
  computeChunkStats(count: number, center: number, tally: boolean): ChunkStats
  /** Adds elements of 16 bits to counters, one for each pattern. */
  countPatterns16(bytes: Uint8Array): void
  /** The 65536 counters, which the reader sets back to 0. */
  readonly counters: Uint32Array
}

/** What both engines make of the results of four lanes. */
export function combineLanes(sums: ArrayLike<number>, extremes: ArrayLike<number>): ChunkStats {
  const four = (at: number) => sums[at] + sums[at + 1] + (sums[at + 2] + sums[at + 3])
  return {
    sums: [four(0), four(4), four(8), four(12)],
    min: Math.min(extremes[0], extremes[1], extremes[2], extremes[3]) + 0, // no -0
    max: Math.max(extremes[4], extremes[5], extremes[6], extremes[7]) + 0,
  }
}
