/**
 * Matrix strategies: an element depends on the whole matrix, so that the matrix is computed before any of it is known.
 * As everywhere in this folder, a function checks its options and returns plain data. What a strategy becomes for a
 * shape is in `distributions/matrix-plan.ts`.
 */

import { checkNumber, checkObject, checkOneOf } from '../errors/validate.ts'
import { checkAxis } from './fans.ts'
import { KERNEL_CENTERS, LAYOUTS, type KernelCenter, type Layout } from './layout.ts'

/** A random matrix with orthonormal columns or rows. */
export interface OrthogonalStrategy {
  /** The name of the strategy. */
  readonly type: 'orthogonal'
  /** Multiplies the matrix. Finite, default 1. */
  readonly gain: number
  /** The axis that is one side of the matrix. Default: the first in layout 'oi', the last in 'io'. */
  readonly axis?: number
}

/** A convolution whose kernel is an orthogonal matrix at its center. */
export interface DeltaOrthogonalStrategy {
  /** The name of the strategy. */
  readonly type: 'deltaOrthogonal'
  /** Multiplies the matrix. Finite, default 1. */
  readonly gain: number
  /** The center of kernels of even size. Default 'lower'. */
  readonly center: KernelCenter
  /** The order of the axes. Default: that of the call, else 'oi'. */
  readonly layout?: Layout
}

/** A normal distribution with a fixed number of zeros in each column. */
export interface SparseStrategy {
  /** The name of the strategy. */
  readonly type: 'sparse'
  /** The fraction of each column that is 0, from 0 to 1, rounded up to whole elements. */
  readonly sparsity: number
  /** Standard deviation of the other elements, >= 0. Default 0.01. */
  readonly std: number
}

/**
 * A matrix with orthonormal columns, or orthonormal rows if it has fewer rows, times `gain`. The distribution is
 * uniform (Haar) over all such matrices, including reflections. One axis is one side of the matrix; all other axes, in
 * order, are the other side. For shapes of rank 2 or more, up to 2^28 elements and 2^22 rows or columns. Source: Saxe,
 * McClelland and Ganguli, 2014; torch.nn.init.orthogonal_, keras.initializers.Orthogonal.
 *
 * @param options `gain`: finite, default 1. `axis`: negative from the last; default the first axis in layout 'oi'
 * (PyTorch), the last in 'io' (Keras, JAX).
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { createEngine, orthogonal } from 'simdinit'
 * const engine = await createEngine()
 * const { data } = await engine.tensor([2, 2], orthogonal(), { name: 'recurrent' })
 * console.log(Math.abs(data[0] * data[2] + data[1] * data[3]) < 1e-6) // true
 */
export function orthogonal(options: { gain?: number; axis?: number } = {}): OrthogonalStrategy {
  const { gain = 1, axis } = checkObject('orthogonal', options, ['gain', 'axis'])
  return {
    type: 'orthogonal',
    gain: checkNumber('gain', gain),
    ...(axis !== undefined && { axis: checkAxis('axis', axis) }),
  }
}

/**
 * A convolution whose kernel is an orthogonal matrix at its center, times `gain`, and 0 elsewhere. For shapes of rank 3
 * to 5 with at least as many output channels as input channels. Source: Xiao et al., 2018;
 * jax.nn.initializers.delta_orthogonal.
 *
 * @param options `gain`: finite, default 1. `center`: the tap of kernels of even size k, k / 2 - 1 for 'lower' (the
 * default, as in JAX) or k / 2 for 'upper'. `layout`: default that of the call, else 'oi'.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { deltaOrthogonal } from 'simdinit'
 * console.log(deltaOrthogonal()) // { type: 'deltaOrthogonal', gain: 1, center: 'lower' }
 */
export function deltaOrthogonal(
  options: { gain?: number; center?: KernelCenter; layout?: Layout } = {},
): DeltaOrthogonalStrategy {
  const o = checkObject('deltaOrthogonal', options, ['gain', 'center', 'layout'])
  const { gain = 1, center = 'lower', layout } = o
  return {
    type: 'deltaOrthogonal',
    gain: checkNumber('gain', gain),
    center: checkOneOf('center', center, KERNEL_CENTERS),
    ...(layout !== undefined && { layout: checkOneOf('layout', layout, LAYOUTS) }),
  }
}

/**
 * N(0, std^2) with ceil(sparsity · rows) zeros in each column of a matrix, at rows sampled without replacement. Source:
 * Martens, 2010; torch.nn.init.sparse_.
 *
 * @param options `sparsity`: from 0 to 1. `std`: >= 0, default 0.01.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { sparse } from 'simdinit'
 * console.log(sparse({ sparsity: 0.1 })) // { type: 'sparse', sparsity: 0.1, std: 0.01 }
 */
export function sparse(options: { sparsity: number; std?: number }): SparseStrategy {
  const { sparsity, std = 0.01 } = checkObject('sparse', options, ['sparsity', 'std'])
  return {
    type: 'sparse',
    sparsity: checkNumber('sparsity', sparsity, 0, 1),
    std: checkNumber('std', std, 0),
  }
}

/** By name, for the registry. */
export const MATRIX_FACTORIES = {
  orthogonal,
  deltaOrthogonal,
  sparse,
}

/** A strategy whose matrix is computed as a whole. */
export type MatrixStrategy = ReturnType<(typeof MATRIX_FACTORIES)[keyof typeof MATRIX_FACTORIES]>
