/** Statistics in plain TypeScript: the operations of assembly/stats.ts in the same order. */

import type { StoredDtype } from '../safetensors/read-header.ts'
import {
  CHUNK_VALUES,
  combineLanes,
  WINDOW_BYTES,
  type ChunkStats,
  type StatsBackend,
} from './stats-backend.ts'
import { convertToF32 } from './to-f32.ts'

export class JsStatsBackend implements StatsBackend {
  readonly name = 'js'
  readonly counters = new Uint32Array(65536)
  readonly buffers = [new Uint8Array(WINDOW_BYTES), new Uint8Array(WINDOW_BYTES)] as const
  readonly values = new Float32Array(CHUNK_VALUES)
  private readonly valueBits = new Uint32Array(this.values.buffer)

  load(dtype: StoredDtype, bytes: Uint8Array, start: number): void {
    convertToF32(dtype, bytes, this.values.subarray(start))
  }

  computeChunkStats(count: number, center: number, tally: boolean): ChunkStats {
    const { values, counters, valueBits } = this
    const sums = new Float64Array(16)
    const extremes = new Float32Array(8).fill(Infinity, 0, 4).fill(-Infinity, 4)
    for (let i = 0; i < count; i++) {
      const lane = i & 3
      const x = values[i]
      if (x < extremes[lane]) extremes[lane] = x
      if (x > extremes[4 + lane]) extremes[4 + lane] = x
      const d = x - center
      const square = d * d
      sums[lane] += d
      sums[4 + lane] += square
      sums[8 + lane] += square * d
      sums[12 + lane] += square * square
    }
    if (tally) for (let i = 0; i < count; i++) counters[valueBits[i] >>> 16]++
    return combineLanes(sums, extremes)
  }

  countPatterns16(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 2) this.counters[bytes[i] | (bytes[i + 1] << 8)]++
  }
}
