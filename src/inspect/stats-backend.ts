/** The interface of the two implementations, WebAssembly and JavaScript, which give the same bits: load a chunk, then make one pass over it. */

import type { StoredDtype } from '../safetensors/read-header.ts'

/** Bytes per read. */
export const WINDOW_BYTES = 2 ** 21

/** Values per chunk: a chunk and the counters fit a second-level cache. Affects the last bits of the results. */
export const CHUNK_VALUES = 32768

/** Two read buffers: the source may fill one while the other is being processed. */
export type BufferPair = readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]

/** The extremes of a chunk, and the sums of (x - center)^k for k = 1, 2, 3, 4. */
export interface ChunkStats {
  readonly sums: readonly [first: number, second: number, third: number, fourth: number]
  readonly min: number
  readonly max: number
}

export interface StatsBackend {
  readonly name: 'wasm' | 'js'
  /** The loaded chunk; has room for `CHUNK_VALUES`. */
  readonly values: Float32Array
  /** Read buffers. A chunk that is loaded from one of them may need no copy. */
  readonly buffers: BufferPair
  /** Converts the elements of `bytes`, a whole number of them, to values `start`, `start + 1`, ... of the chunk. */
  load(dtype: StoredDtype, bytes: Uint8Array, start: number): void
  /**
   * Statistics of the first `count` values; `center` is an f32. If a value is not finite, neither is the sum of the
   * fourth powers, and the other results are undefined. With `tally`, also counts the values by the upper half of their
   * bit patterns.
   */
  computeChunkStats(count: number, center: number, tally: boolean): ChunkStats
  /** Counts 16-bit elements by their bit patterns. */
  countPatterns16(bytes: Uint8Array): void
  /** The 65536 counters. The caller resets them to 0 after reading. */
  readonly counters: Uint32Array
}

/** Combines the results of the four SIMD lanes, in the same order for both implementations. */
export function combineLanes(sums: ArrayLike<number>, extremes: ArrayLike<number>): ChunkStats {
  const sumLanes = (i: number) => sums[i] + sums[i + 1] + (sums[i + 2] + sums[i + 3])
  return {
    sums: [sumLanes(0), sumLanes(4), sumLanes(8), sumLanes(12)],
    min: Math.min(extremes[0], extremes[1], extremes[2], extremes[3]) + 0, // no -0
    max: Math.max(extremes[4], extremes[5], extremes[6], extremes[7]) + 0,
  }
}
