/**
 * What the strategies of this folder become for a shape: a matrix that an engine makes whole, and where each element
 * of the tensor stands in it. Everything here influences the stream.
 */

import { checkShape, throwRangeError } from '../errors/validate.ts'
import type { Layout } from '../strategies/layout.ts'
import type { MatrixStrategy } from '../strategies/matrix-strategies.ts'

/** A structured strategy with all that it reads of the tensor. */
export type MatrixDistribution = MatrixStrategy & { readonly shape: readonly number[] }

/** Q with `rows` >= `columns` and orthonormal columns, or its transpose, times `gain`. */
export interface OrthogonalSpec {
  readonly type: 'orthogonal'
  readonly rows: number
  readonly columns: number
  /** The matrix is Q's transpose: `columns` x `rows`. */
  readonly transposed: boolean
  /** Rounded to f32. */
  readonly gain: number
}

/** Normals, `zeros` of them in each column replaced by 0. */
export interface SparseSpec {
  readonly type: 'sparse'
  readonly rows: number
  readonly columns: number
  readonly std: number
  readonly zerosPerColumn: number
}

export interface MatrixPlan {
  readonly matrix: OrthogonalSpec | SparseSpec
  /** Elements of the tensor. */
  readonly size: number
  /** No element is greater in magnitude, but for those of a normal. */
  readonly maxAbs: number
  /** The standard deviation of the tensor's elements. */
  readonly std: number
  /** The element of the row-major matrix that is element i of the tensor, negative for 0; undefined if it is i. */
  readonly toMatrixIndex?: (i: number) => number
}

/** Checks the shape; nothing is made yet. */
export function bindMatrixShape(
  strategy: MatrixStrategy,
  shape: unknown,
  layout: Layout,
): MatrixDistribution {
  if (!Array.isArray(shape)) {
    throwRangeError('shape', 'the shape of the tensor, which the strategy reads', shape)
  }
  checkShape('shape', shape)
  const wanted = { ...strategy, shape: [...shape] }
  if (wanted.type === 'orthogonal') wanted.axis ??= layout === 'oi' ? 0 : -1
  if (wanted.type === 'deltaOrthogonal') wanted.layout ??= layout
  planMatrix(wanted)
  return wanted
}

/** Throws a RangeError for a shape that the strategy does not fit. */
export function planMatrix(distribution: MatrixDistribution): MatrixPlan {
  switch (distribution.type) {
    case 'orthogonal':
      return planOrthogonal(distribution)
    case 'deltaOrthogonal':
      return planDeltaOrthogonal(distribution)
    case 'sparse': {
      const { shape, sparsity, std } = distribution
      if (shape.length !== 2) throwRangeError('shape', 'two dimensions', shape)
      const [rows, columns] = shape
      checkMatrixSize(rows, columns)
      const zeros = Math.ceil(sparsity * rows)
      const realised = std * Math.sqrt(1 - zeros / Math.max(1, rows))
      const matrix = { type: 'sparse', rows, columns, std, zerosPerColumn: zeros } as const
      return { matrix, size: rows * columns, maxAbs: 0, std: realised }
    }
  }
}

function planOrthogonal(distribution: MatrixDistribution & { type: 'orthogonal' }): MatrixPlan {
  const { shape, gain, axis = 0 } = distribution
  const rank = shape.length
  if (rank < 2) throwRangeError('shape', 'two dimensions or more', shape)
  const side = axis < 0 ? rank + axis : axis
  if (!(side in shape)) throwRangeError('axis', `an axis of the ${rank}`, axis)
  const rest = product(shape.slice(0, side)) * product(shape.slice(side + 1))
  const [rows, columns] = side === 0 ? [shape[0], rest] : [rest, shape[side]]
  const whole = planOrthogonalMatrix(rows, columns, gain)
  if (side === 0 || side === rank - 1) return whole
  const inner = product(shape.slice(side + 1))
  const place = (i: number) => {
    const outer = Math.floor(i / (columns * inner))
    return (outer * inner + (i % inner)) * columns + (Math.floor(i / inner) % columns)
  }
  return { ...whole, toMatrixIndex: place }
}

function planDeltaOrthogonal(distribution: MatrixDistribution & { type: 'deltaOrthogonal' }): MatrixPlan {
  const { shape, gain, center, layout } = distribution
  const rank = shape.length
  if (rank < 3 || rank > 5) throwRangeError('shape', 'three to five dimensions', shape)
  const [into, out, kernel] =
    layout === 'io'
      ? [shape[rank - 2], shape[rank - 1], shape.slice(0, -2)]
      : [shape[1], shape[0], shape.slice(2)]
  if (out < into) throwRangeError('shape', `no fewer outputs than the ${into} inputs`, shape)
  const size = product(kernel)
  const middle = kernel.reduce((at, k) => at * k + (center === 'upper' ? k >> 1 : (k - 1) >> 1), 0)
  const matrix = planOrthogonalMatrix(into, out, gain)
  const place =
    layout === 'io'
      ? (i: number) => {
          const at = i - middle * into * out
          return at < into * out ? at : -1
        }
      : (i: number) => {
          if (i % size !== middle) return -1
          const tap = Math.floor(i / size)
          return (tap % into) * out + Math.floor(tap / into)
        }
  return {
    ...matrix,
    toMatrixIndex: place,
    size: product(shape),
    std: matrix.std / Math.sqrt(Math.max(1, size)),
  }
}

function planOrthogonalMatrix(rows: number, columns: number, gain: number): MatrixPlan {
  checkMatrixSize(rows, columns)
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)]
  return {
    matrix: {
      type: 'orthogonal',
      rows: long,
      columns: short,
      transposed: rows < columns,
      gain: Math.fround(gain),
    },
    size: rows * columns,
    maxAbs: Math.abs(gain),
    std: Math.abs(gain) / Math.sqrt(Math.max(1, long)),
  }
}

const MAX_MATRIX_ELEMENTS = 2 ** 28
const MAX_MATRIX_SIDE = 2 ** 22

/** What is made whole must fit into memory that 32 bits can address, several times over. */
function checkMatrixSize(rows: number, columns: number): void {
  if (rows * columns > MAX_MATRIX_ELEMENTS || Math.max(rows, columns) > MAX_MATRIX_SIDE) {
    throwRangeError('shape', 'a matrix of at most 2^28 elements and 2^22 rows or columns', [rows, columns])
  }
}

function product(list: readonly number[]): number {
  return list.reduce((a, b) => a * b, 1)
}
