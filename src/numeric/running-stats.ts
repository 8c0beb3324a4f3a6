/** Mean and standard deviation of elements as they are stored, gathered piece by piece. */

import { decode, type Dtype, type TensorData } from './dtypes.ts'

/** The values of all patterns of a dtype of 16 or 8 bits, made at the first use. */
const decodeTables: Partial<Record<Dtype, Float32Array>> = {}

export class RunningStats {
  count = 0
  private sum = 0
  private sumOfSquares = 0

  add(data: TensorData, dtype: Dtype): void {
    if (data instanceof Float32Array) return this.addValues(data)
    const length = 2 ** (8 * data.BYTES_PER_ELEMENT)
    const table = (decodeTables[dtype] ??= Float32Array.from({ length }, (_, bits) => decode(dtype, bits)))
    const values = new Float32Array(4096)
    for (let start = 0; start < data.length; start += values.length) {
      const piece = data.subarray(start, start + values.length)
      for (let i = 0; i < piece.length; i++) values[i] = table[piece[i]]
      this.addValues(values.subarray(0, piece.length))
    }
  }

  /** Two running sums of each kind, so that one addition need not wait for the last. */
  private addValues(x: Float32Array): void {
    let [s0, s1, q0, q1] = [0, 0, 0, 0]
    const pairs = x.length & ~1
    for (let i = 0; i < pairs; i += 2) {
      s0 += x[i]
      s1 += x[i + 1]
      q0 += x[i] * x[i]
      q1 += x[i + 1] * x[i + 1]
    }
    if (pairs < x.length) {
      s0 += x[pairs]
      q0 += x[pairs] * x[pairs]
    }
    this.count += x.length
    this.sum += s0 + s1
    this.sumOfSquares += q0 + q1
  }

  get mean(): number {
    return this.sum / this.count
  }

  get std(): number {
    return Math.sqrt(Math.max(0, this.sumOfSquares / this.count - this.mean * this.mean))
  }
}
