/** Mean and standard deviation of stored elements, accumulated chunk by chunk. */

import { getDecodeTable } from './convert-array.ts'
import type { Dtype, TensorData } from './dtypes.ts'

/** Elements that are decoded at a time. */
const CHUNK_ELEMENTS = 4096

export class RunningStats {
  count = 0
  private sum = 0
  private sumOfSquares = 0

  add(data: TensorData, dtype: Dtype): void {
    if (dtype === 'f32') return this.addValues(data as Float32Array)
    const table = getDecodeTable(dtype as Exclude<Dtype, 'f32'>)
    const values = new Float32Array(CHUNK_ELEMENTS)
    for (let start = 0; start < data.length; start += CHUNK_ELEMENTS) {
      const chunk = data.subarray(start, start + CHUNK_ELEMENTS)
      for (let i = 0; i < chunk.length; i++) values[i] = table[chunk[i]]
      this.addValues(values.subarray(0, chunk.length))
    }
  }

  /** Two running sums of each kind, so that no addition waits for the previous one. */
  private addValues(x: Float32Array): void {
    let [sum0, sum1, squares0, squares1] = [0, 0, 0, 0]
    const evenLength = x.length & ~1
    for (let i = 0; i < evenLength; i += 2) {
      sum0 += x[i]
      sum1 += x[i + 1]
      squares0 += x[i] * x[i]
      squares1 += x[i + 1] * x[i + 1]
    }
    if (evenLength < x.length) {
      sum0 += x[evenLength]
      squares0 += x[evenLength] * x[evenLength]
    }
    this.count += x.length
    this.sum += sum0 + sum1
    this.sumOfSquares += squares0 + squares1
  }

  get mean(): number {
    return this.sum / this.count
  }

  get std(): number {
    return Math.sqrt(Math.max(0, this.sumOfSquares / this.count - this.mean * this.mean))
  }
}
