/**
 * Strategies whose elements hang together: none is known before much of the tensor is. As in `strategies.ts`: each
 * function checks its fields and returns plain data. What they become for a shape: `forms.ts`.
 */

import { CENTRES, type Centre } from '../computed/strategies.ts'
import { anInteger, aNumber, anObject, oneOf } from '../errors.ts'
import { LAYOUTS, type Layout } from '../fans.ts'

export type StructuredStrategy =
  | { type: 'orthogonal'; gain: number; axis?: number }
  | { type: 'deltaOrthogonal'; gain: number; centre: Centre; layout?: Layout }
  | { type: 'sparse'; sparsity: number; std: number }

/**
 * A matrix with orthonormal columns, or rows where it has fewer of them, times `gain`: uniform (Haar) on all there
 * are, reflections among them. One axis is a side of the matrix, all others in order are the other: the first axis in
 * layout 'oi' (PyTorch), the last in 'io' (Keras, JAX), or `axis`, negative from the last. Shapes of rank 2 and more,
 * up to 2^28 elements, neither side above 2^22.
 * Source: Saxe, McClelland and Ganguli, 2014; torch.nn.init.orthogonal_, keras.initializers.Orthogonal.
 */
export function orthogonal(options: { gain?: number; axis?: number } = {}): StructuredStrategy {
  const { gain = 1, axis } = anObject('orthogonal', options, ['gain', 'axis'])
  return {
    type: 'orthogonal',
    gain: aNumber('gain', gain),
    ...(axis !== undefined && { axis: anInteger('axis', axis, -32, 31) }),
  }
}

/**
 * A convolution whose kernel is an orthogonal matrix at its centre, times `gain`, and 0 elsewhere; from `in` channels
 * to no fewer `out`. Shapes of rank 3 to 5 in `layout`. In kernels of even size the centre is as in `dirac`, by
 * default 'lower'. Source: Xiao et al., 2018; jax.nn.initializers.delta_orthogonal.
 */
export function deltaOrthogonal(
  options: { gain?: number; centre?: Centre; layout?: Layout } = {},
): StructuredStrategy {
  const o = anObject('deltaOrthogonal', options, ['gain', 'centre', 'layout'])
  const { gain = 1, centre = 'lower', layout } = o
  return {
    type: 'deltaOrthogonal',
    gain: aNumber('gain', gain),
    centre: oneOf('centre', centre, CENTRES),
    ...(layout !== undefined && { layout: oneOf('layout', layout, LAYOUTS) }),
  }
}

/**
 * N(0, std^2) with zeros in each column of a matrix: ceil(sparsity rows) of them, at places drawn without replacement.
 * `sparsity` from 0 to 1; `std` defaults to 0.01. Source: Martens, 2010; torch.nn.init.sparse_.
 */
export function sparse(options: { sparsity: number; std?: number }): StructuredStrategy {
  const { sparsity, std = 0.01 } = anObject('sparse', options, ['sparsity', 'std'])
  return {
    type: 'sparse',
    sparsity: aNumber('sparsity', sparsity, 0, 1),
    std: aNumber('std', std, 0),
  }
}
