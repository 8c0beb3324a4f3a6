/** Products of f32 matrices by the kernels (assembly/matrix.ts) and in plain JavaScript, with the same bits. */

import type { KernelInstance } from './kernel-instance.ts'
import type { InstancePool } from './instance-pool.ts'
import type { MatmulSize } from './types.ts'

/** The kernel computes tiles of this size. */
const TILE_ROWS = 4
const TILE_COLUMNS = 8

/** A B by the kernels, in an instance of the pool, or in JavaScript if the host has no memory for one. */
export function matmulWasm(
  { heapStart }: KernelInstance,
  instancePool: InstancePool,
  a: Float32Array,
  b: Float32Array,
  size: MatmulSize,
): Float32Array<ArrayBuffer> {
  const { rows, inner, columns, transposed = false } = size
  const paddedRows = Math.ceil(rows / TILE_ROWS) * TILE_ROWS
  const paddedColumns = Math.ceil(columns / TILE_COLUMNS) * TILE_COLUMNS
  const aAddress = heapStart
  const bAddress = aAddress + 4 * paddedRows * inner
  const cAddress = bAddress + 4 * inner * paddedColumns
  const instance = instancePool.acquire(cAddress + 4 * paddedRows * paddedColumns)
  if (!instance) return matmulJs(a, b, size)
  const values = new Float32Array(instance.memory.buffer)
  values.set(a, aAddress / 4)
  values.fill(0, cAddress / 4, cAddress / 4 + paddedRows * paddedColumns)
  for (let k = 0; k < inner; k++)
    values.set(b.subarray(k * columns, (k + 1) * columns), bAddress / 4 + k * paddedColumns)
  const [aRowStride, aInnerStride] = transposed ? [4, 4 * rows] : [4 * inner, 4]
  const rowStride = 4 * paddedColumns
  instance.kernel.matmulAdd(
    ...([aAddress, bAddress, cAddress, paddedRows, paddedColumns, inner] as const),
    ...([aRowStride, aInnerStride, rowStride, rowStride] as const),
  )
  const c = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const start = cAddress / 4 + row * paddedColumns
    c.set(values.subarray(start, start + columns), row * columns)
  }
  instancePool.release(instance)
  return c
}

/** A B in plain JavaScript: each sum runs in the order of the inner index, rounded after every operation. */
export function matmulJs(
  a: Float32Array,
  b: Float32Array,
  { rows, inner, columns, transposed = false }: MatmulSize,
): Float32Array<ArrayBuffer> {
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
