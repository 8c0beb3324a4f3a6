/**
 * Strategies whose elements hang together: none is known before much of the tensor is. As in `strategies.ts`: each
 * function checks its fields and returns plain data. What they become for a shape: `matrix-plan.ts`.
 */

import { KERNEL_CENTERS, type KernelCenter } from './formula-strategies.ts'
import { checkInteger, checkNumber, checkObject, checkOneOf } from '../errors/validate.ts'
import { LAYOUTS, type Layout } from './fans.ts'

export type MatrixStrategy =
  | { type: 'orthogonal'; gain: number; axis?: number }
  | { type: 'deltaOrthogonal'; gain: number; center: KernelCenter; layout?: Layout }
  | { type: 'sparse'; sparsity: number; std: number }

/**
 * A matrix with orthonormal columns, or rows where it has fewer of them, times `gain`: uniform (Haar) on all there
 * are, reflections among them. One axis is a side of the matrix, all others in order are the other: the first axis in
 * layout 'oi' (PyTorch), the last in 'io' (Keras, JAX), or `axis`, negative from the last. Shapes of rank 2 and more,
 * up to 2^28 elements, neither side above 2^22.
 * Source: Saxe, McClelland and Ganguli, 2014; torch.nn.init.orthogonal_, keras.initializers.Orthogonal.
 */
export function orthogonal(options: { gain?: number; axis?: number } = {}): MatrixStrategy {
  const { gain = 1, axis } = checkObject('orthogonal', options, ['gain', 'axis'])
  return {
    type: 'orthogonal',
    gain: checkNumber('gain', gain),
    ...(axis !== undefined && { axis: checkInteger('axis', axis, -32, 31) }),
  }
}

/**
 * A convolution whose kernel is an orthogonal matrix at its center, times `gain`, and 0 elsewhere; from `in` channels
 * to no fewer `out`. Shapes of rank 3 to 5 in `layout`. In kernels of even size the center is as in `dirac`, by
 * default 'lower'. Source: Xiao et al., 2018; jax.nn.initializers.delta_orthogonal.
 */
export function deltaOrthogonal(
  options: { gain?: number; center?: KernelCenter; layout?: Layout } = {},
): MatrixStrategy {
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
 * N(0, std^2) with zeros in each column of a matrix: ceil(sparsity rows) of them, at places drawn without replacement.
 * `sparsity` from 0 to 1; `std` defaults to 0.01. Source: Martens, 2010; torch.nn.init.sparse_.
 */
export function sparse(options: { sparsity: number; std?: number }): MatrixStrategy {
  const { sparsity, std = 0.01 } = checkObject('sparse', options, ['sparsity', 'std'])
  return {
    type: 'sparse',
    sparsity: checkNumber('sparsity', sparsity, 0, 1),
    std: checkNumber('std', std, 0),
  }
}
