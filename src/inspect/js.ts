/** The passes in plain TypeScript: what assembly/stats.ts does, operation by operation. */

import type { StoredDtype } from '../safetensors/reader.ts'
import { CHUNK, powersOf, surveyOf, type Passes, type Powers, type Survey } from './passes.ts'
import { widen } from './widen.ts'

export class JsPasses implements Passes {
  readonly name = 'js'
  readonly counters = new Uint32Array(65536)
  readonly values = new Float32Array(CHUNK)
  private readonly patterns = new Uint32Array(this.values.buffer)

  load(dtype: StoredDtype, bytes: Uint8Array, at: number): void {
    widen(dtype, bytes, this.values.subarray(at))
  }

  survey(count: number): Survey {
    const { values } = this
    const sums = new Float64Array(4)
    const extremes = new Float32Array(8).fill(Infinity, 0, 4).fill(-Infinity, 4)
    const counts = new Uint32Array(12)
    for (let i = 0; i < count; i++) {
      const lane = i & 3
      const x = values[i]
      const nothing = x - x
      if (nothing !== 0) {
        if (Number.isNaN(x)) counts[8 + lane]++
        continue
      }
      const y = x + nothing // no -0
      counts[lane]++
      if (y === 0) counts[4 + lane]++
      if (y < extremes[lane]) extremes[lane] = y
      if (y > extremes[4 + lane]) extremes[4 + lane] = y
      sums[lane] += y
    }
    return surveyOf(sums, extremes, counts)
  }

  powers(count: number, mean: number): Powers {
    const { values } = this
    const sums = new Float64Array(12)
    for (let i = 0; i < count; i++) {
      const lane = i & 3
      const d = values[i] - mean
      if (d - d !== 0) continue
      const square = d * d
      sums[lane] += square
      sums[4 + lane] += square * d
      sums[8 + lane] += square * square
    }
    return powersOf(sums)
  }

  tally(count: number): void {
    const { counters, patterns } = this
    for (let i = 0; i < count; i++) counters[patterns[i] >>> 16]++
  }
}
