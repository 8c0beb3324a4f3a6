/**
 * Matrix plans: what matrix strategies become for a shape. A plan names a matrix that an engine computes as a whole, and
 * where each element of the tensor is in it. Everything here influences the stream.
 */

import { checkShape, throwRangeError } from '../errors/validate.ts'
import { normalizeAxis, product } from '../numeric/shape.ts'
import { findCenterTap, splitByLayout, type Layout } from '../strategies/layout.ts'
import { MATRIX_FACTORIES, type MatrixStrategy } from '../strategies/matrix-strategies.ts'

/** A matrix strategy and all that it reads of the tensor. */
export type MatrixDistribution = MatrixStrategy & { readonly shape: readonly number[] }
type DistributionOf<T extends MatrixStrategy['type']> = Extract<MatrixDistribution, { type: T }>

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

/** Normal values, `zerosPerColumn` of them in each column replaced by 0. */
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
  /** No element is greater in magnitude, apart from normal values. */
  readonly maxAbs: number
  /** The standard deviation of the tensor's elements. */
  readonly std: number
  /** The index in the row-major matrix of element i of the tensor, negative for a 0; undefined if it is i itself. */
  readonly toMatrixIndex?: (i: number) => number
}

/** Narrows a strategy by its type. */
export function isMatrixStrategy<S extends { readonly type: string }>(
  strategy: S,
): strategy is Extract<S, MatrixStrategy> {
  return strategy.type in MATRIX_FACTORIES
}

/** Narrows a distribution by its type. */
export function isMatrixDistribution<D extends { readonly type: string }>(
  distribution: D,
): distribution is Extract<D, MatrixDistribution> {
  return distribution.type in MATRIX_FACTORIES
}

/** Checks the shape, without computing the matrix. */
export function bindMatrixShape(
  strategy: MatrixStrategy,
  shape: unknown,
  layout: Layout,
): MatrixDistribution {
  if (!Array.isArray(shape)) {
    throwRangeError('shape', 'the dimensions of the tensor, which the strategy reads', shape)
  }
  checkShape('shape', shape)
  const bound = { ...strategy, shape: [...shape] }
  if (bound.type === 'orthogonal') bound.axis ??= layout === 'oi' ? 0 : -1
  if (bound.type === 'deltaOrthogonal') bound.layout ??= layout
  planMatrix(bound)
  return bound
}

/** Throws a RangeError for a shape that the strategy does not fit. */
export function planMatrix(distribution: MatrixDistribution): MatrixPlan {
  switch (distribution.type) {
    case 'orthogonal':
      return planOrthogonal(distribution)
    case 'deltaOrthogonal':
      return planDeltaOrthogonal(distribution)
    case 'sparse':
      return planSparse(distribution)
  }
}

function planOrthogonal({ shape, gain, axis = 0 }: DistributionOf<'orthogonal'>): MatrixPlan {
  const rank = shape.length
  if (rank < 2) throwRangeError('shape', 'of rank 2 or more', shape)
  const side = normalizeAxis(axis, rank)
  if (side === undefined) throwRangeError('axis', `an axis of a shape of rank ${rank}`, axis)
  const [outer, inner] = [product(shape.slice(0, side)), product(shape.slice(side + 1))]
  const [rows, columns] = side === 0 ? [shape[0], inner] : [outer * inner, shape[side]]
  const plan = planOrthogonalMatrix(rows, columns, gain)
  if (side === 0 || side === rank - 1) return plan
  const toMatrixIndex = (i: number) => {
    const outerIndex = Math.floor(i / (columns * inner))
    return (outerIndex * inner + (i % inner)) * columns + (Math.floor(i / inner) % columns)
  }
  return { ...plan, toMatrixIndex }
}

function planDeltaOrthogonal(distribution: DistributionOf<'deltaOrthogonal'>): MatrixPlan {
  const { shape, gain, center, layout = 'oi' } = distribution
  if (shape.length < 3 || shape.length > 5) throwRangeError('shape', 'of rank 3 to 5', shape)
  const { inputs, outputs, kernel, kernelSize } = splitByLayout(shape, layout)
  if (outputs < inputs) {
    throwRangeError('shape', `a shape with at least ${inputs} output channels, as many as inputs`, shape)
  }
  const centerTap = findCenterTap(kernel, center)
  const toMatrixIndex =
    layout === 'io'
      ? (i: number) => {
          const index = i - centerTap * inputs * outputs
          return index < inputs * outputs ? index : -1
        }
      : (i: number) => {
          if (i % kernelSize !== centerTap) return -1
          const channels = Math.floor(i / kernelSize)
          return (channels % inputs) * outputs + Math.floor(channels / inputs)
        }
  const plan = planOrthogonalMatrix(inputs, outputs, gain)
  return {
    ...plan,
    toMatrixIndex,
    size: product(shape),
    std: plan.std / Math.sqrt(Math.max(1, kernelSize)),
  }
}

function planSparse({ shape, sparsity, std }: DistributionOf<'sparse'>): MatrixPlan {
  if (shape.length !== 2) throwRangeError('shape', 'of rank 2', shape)
  const [rows, columns] = shape
  checkMatrixSize(rows, columns)
  const zerosPerColumn = Math.ceil(sparsity * rows)
  return {
    matrix: { type: 'sparse', rows, columns, std, zerosPerColumn },
    size: rows * columns,
    maxAbs: 0,
    std: std * Math.sqrt(1 - zerosPerColumn / Math.max(1, rows)),
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

/** A whole matrix must fit several times into memory that 32 bits can address. */
function checkMatrixSize(rows: number, columns: number): void {
  if (rows * columns > MAX_MATRIX_ELEMENTS || Math.max(rows, columns) > MAX_MATRIX_SIDE) {
    throwRangeError('shape', 'a matrix of at most 2^28 elements and 2^22 rows or columns', [rows, columns])
  }
}
