/**
 * What the strategies of this folder become for a shape: a matrix that an engine makes whole, and where each element
 * of the tensor stands in it. Everything here influences the stream.
 */

import { aShape, wrongValue } from '../errors.ts'
import type { Layout } from '../fans.ts'
import type { StructuredStrategy } from './strategies.ts'

/** A structured strategy with all that it reads of the tensor. */
export type StructuredDistribution = StructuredStrategy & { readonly shape: readonly number[] }

/** Q with `rows` >= `columns` and orthonormal columns, or its transpose, times `gain`. */
export interface OrthogonalForm {
  readonly type: 'orthogonal'
  readonly rows: number
  readonly columns: number
  /** The matrix is Q's transpose: `columns` x `rows`. */
  readonly transposed: boolean
  /** Rounded to f32. */
  readonly gain: number
}

/** Normals, `zeros` of them in each column replaced by 0. */
export interface SparseForm {
  readonly type: 'sparse'
  readonly rows: number
  readonly columns: number
  readonly std: number
  readonly zeros: number
}

export interface Form {
  readonly matrix: OrthogonalForm | SparseForm
  /** Elements of the tensor. */
  readonly size: number
  /** No element is greater in magnitude, but for those of a normal. */
  readonly reach: number
  /** The standard deviation of the tensor's elements. */
  readonly std: number
  /** The element of the row-major matrix that is element i of the tensor, negative for 0; undefined if it is i. */
  readonly place?: (i: number) => number
}

/** Checks the shape; nothing is made yet. */
export function withStructure(
  strategy: StructuredStrategy,
  shape: unknown,
  layout: Layout,
): StructuredDistribution {
  if (!Array.isArray(shape)) {
    wrongValue('shape', 'the shape of the tensor, which the strategy reads', shape)
  }
  aShape('shape', shape)
  const wanted = { ...strategy, shape: [...shape] }
  if (wanted.type === 'orthogonal') wanted.axis ??= layout === 'oi' ? 0 : -1
  if (wanted.type === 'deltaOrthogonal') wanted.layout ??= layout
  formOf(wanted)
  return wanted
}

/** Throws a RangeError for a shape that the strategy does not fit. */
export function formOf(distribution: StructuredDistribution): Form {
  switch (distribution.type) {
    case 'orthogonal':
      return orthogonalForm(distribution)
    case 'deltaOrthogonal':
      return deltaForm(distribution)
    case 'sparse': {
      const { shape, sparsity, std } = distribution
      if (shape.length !== 2) wrongValue('shape', 'two dimensions', shape)
      const [rows, columns] = shape
      checkSize(rows, columns)
      const zeros = Math.ceil(sparsity * rows)
      const realised = std * Math.sqrt(1 - zeros / Math.max(1, rows))
      const matrix = { type: 'sparse', rows, columns, std, zeros } as const
      return { matrix, size: rows * columns, reach: 0, std: realised }
    }
  }
}

function orthogonalForm(distribution: StructuredDistribution & { type: 'orthogonal' }): Form {
  const { shape, gain, axis = 0 } = distribution
  const rank = shape.length
  if (rank < 2) wrongValue('shape', 'two dimensions or more', shape)
  const side = axis < 0 ? rank + axis : axis
  if (!(side in shape)) wrongValue('axis', `an axis of the ${rank}`, axis)
  const rest = product(shape.slice(0, side)) * product(shape.slice(side + 1))
  const [rows, columns] = side === 0 ? [shape[0], rest] : [rest, shape[side]]
  const whole = orthogonalMatrix(rows, columns, gain)
  if (side === 0 || side === rank - 1) return whole
  const inner = product(shape.slice(side + 1))
  const place = (i: number) => {
    const outer = Math.floor(i / (columns * inner))
    return (outer * inner + (i % inner)) * columns + (Math.floor(i / inner) % columns)
  }
  return { ...whole, place }
}

function deltaForm(distribution: StructuredDistribution & { type: 'deltaOrthogonal' }): Form {
  const { shape, gain, centre, layout } = distribution
  const rank = shape.length
  if (rank < 3 || rank > 5) wrongValue('shape', 'three to five dimensions', shape)
  const [into, out, kernel] =
    layout === 'io'
      ? [shape[rank - 2], shape[rank - 1], shape.slice(0, -2)]
      : [shape[1], shape[0], shape.slice(2)]
  if (out < into) wrongValue('shape', `no fewer outputs than the ${into} inputs`, shape)
  const size = product(kernel)
  const middle = kernel.reduce((at, k) => at * k + (centre === 'upper' ? k >> 1 : (k - 1) >> 1), 0)
  const matrix = orthogonalMatrix(into, out, gain)
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
  return { ...matrix, place, size: product(shape), std: matrix.std / Math.sqrt(Math.max(1, size)) }
}

function orthogonalMatrix(rows: number, columns: number, gain: number): Form {
  checkSize(rows, columns)
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
    reach: Math.abs(gain),
    std: Math.abs(gain) / Math.sqrt(Math.max(1, long)),
  }
}

const MOST_ELEMENTS = 2 ** 28
const MOST_ROWS = 2 ** 22

/** What is made whole must fit into memory that 32 bits can address, several times over. */
function checkSize(rows: number, columns: number): void {
  if (rows * columns > MOST_ELEMENTS || Math.max(rows, columns) > MOST_ROWS) {
    wrongValue('shape', 'a matrix of at most 2^28 elements and 2^22 rows or columns', [rows, columns])
  }
}

function product(list: readonly number[]): number {
  return list.reduce((a, b) => a * b, 1)
}
