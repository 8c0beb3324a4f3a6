/** Products of matrices of f32, by the kernels (assembly/matrix.ts) and in plain JavaScript: the same bits from both. */

import type { KernelInstance } from './kernel-instance.ts'
import type { InstancePool } from './instance-pool.ts'

/** A is `rows` x `inner`, or `inner` x `rows` if `transposed`; B is `inner` x `columns`. All are row-major. */
export interface MatmulSize {
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly transposed?: boolean
}

/** A B by the kernels, in a memory of its own. `main` says where the free part of a memory begins. */
export function matmulWasm(
  { heapStart }: KernelInstance,
  spares: InstancePool,
  a: Float32Array,
  b: Float32Array,
  { rows, inner, columns, transposed = false }: MatmulSize,
): Float32Array {
  const [high, wide] = [Math.ceil(rows / 4) * 4, Math.ceil(columns / 8) * 8] // whole tiles
  const [aAt, bAt] = [heapStart, heapStart + 4 * high * inner]
  const cAt = bAt + 4 * inner * wide
  const instance = spares.acquire(cAt + 4 * high * wide)
  const values = new Float32Array(instance.memory.buffer)
  values.set(a, aAt / 4)
  values.fill(0, cAt / 4, cAt / 4 + high * wide)
  for (let k = 0; k < inner; k++) values.set(b.subarray(k * columns, (k + 1) * columns), bAt / 4 + k * wide)
  const [aRow, aInner] = transposed ? [4, 4 * rows] : [4 * inner, 4]
  instance.kernel.matmulAdd(aAt, bAt, cAt, high, wide, inner, aRow, aInner, 4 * wide, 4 * wide)
  const c = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const from = cAt / 4 + row * wide
    c.set(values.subarray(from, from + columns), row * columns)
  }
  spares.release(instance)
  return c
}

/** A B in plain JavaScript: each sum in the order of the inner index, rounded after each product and each sum. */
export function matmulJs(
  a: Float32Array,
  b: Float32Array,
  { rows, inner, columns, transposed = false }: MatmulSize,
): Float32Array {
  const c = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const factor = transposed ? a[k * rows + row] : a[row * inner + k]
      for (let column = 0; column < columns; column++) {
        c[row * columns + column] += Math.fround(factor * b[k * columns + column])
      }
    }
  }
  return c
}
