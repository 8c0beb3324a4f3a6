/** The pass in plain TypeScript: what assembly/stats.ts does, operation by operation. */

import type { StoredDtype } from '../safetensors/reader.ts'
import { CHUNK, gatheredOf, WINDOW, type Gathered, type Passes } from './passes.ts'
import { widen } from './widen.ts'

export class JsPasses implements Passes {
  readonly name = 'js'
  readonly counters = new Uint32Array(65536)
  readonly rooms = [new Uint8Array(WINDOW), new Uint8Array(WINDOW)] as const
  readonly values = new Float32Array(CHUNK)
  private readonly patterns = new Uint32Array(this.values.buffer)

  load(dtype: StoredDtype, bytes: Uint8Array, at: number): void {
    widen(dtype, bytes, this.values.subarray(at))
  }

  gather(count: number, centre: number, tally: boolean): Gathered {
    const { values, counters, patterns } = this
    const sums = new Float64Array(16)
    const extremes = new Float32Array(8).fill(Infinity, 0, 4).fill(-Infinity, 4)
    for (let i = 0; i < count; i++) {
      const lane = i & 3
      const x = values[i]
      if (x < extremes[lane]) extremes[lane] = x
      if (x > extremes[4 + lane]) extremes[4 + lane] = x
      const d = x - centre
      const square = d * d
      sums[lane] += d
      sums[4 + lane] += square
      sums[8 + lane] += square * d
      sums[12 + lane] += square * square
    }
    if (tally) for (let i = 0; i < count; i++) counters[patterns[i] >>> 16]++
    return gatheredOf(sums, extremes)
  }

  tally16(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 2) this.counters[bytes[i] | (bytes[i + 1] << 8)]++
  }
}
