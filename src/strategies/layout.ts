/**
 * Layouts: which axes of a weight are its inputs, its outputs and its convolution kernel.
 *
 *   'oi'   [out, in, ...kernel]   PyTorch Linear and Conv
 *   'io'   [...kernel, in, out]   Keras, JAX, Conv1D, x @ W
 */

import { product } from '../numeric/shape.ts'

/**
 * The order of a weight's axes: `'oi'` is `[out, in, ...kernel]`, as PyTorch stores Linear and Conv weights;
 * `'io'` is `[...kernel, in, out]`, as Keras and JAX store them.
 */
export type Layout = 'oi' | 'io'
export const LAYOUTS: readonly Layout[] = ['oi', 'io']

/** The shape of a weight, of rank 2 or more, by its parts. */
export interface LayoutParts {
  readonly inputs: number
  readonly outputs: number
  /** The spatial dimensions of a convolution; empty for a matrix. */
  readonly kernel: readonly number[]
  /** The product of `kernel`. */
  readonly kernelSize: number
}

/** Splits a shape of rank 2 or more. */
export function splitByLayout(shape: readonly number[], layout: Layout): LayoutParts {
  const [inputs, outputs, kernel] =
    layout === 'oi'
      ? [shape[1], shape[0], shape.slice(2)]
      : [shape[shape.length - 2], shape[shape.length - 1], shape.slice(0, -2)]
  return { inputs, outputs, kernel, kernelSize: product(kernel) }
}

/**
 * Which tap is the center of a kernel dimension of even size k: `'upper'` is k / 2, `'lower'` is k / 2 - 1. For odd
 * sizes both are (k - 1) / 2.
 */
export type KernelCenter = 'upper' | 'lower'
export const KERNEL_CENTERS: readonly KernelCenter[] = ['upper', 'lower']

/** The index of the center tap among all taps of a kernel, in row-major order. */
export function findCenterTap(kernel: readonly number[], center: KernelCenter): number {
  return kernel.reduce((index, k) => index * k + Math.floor((center === 'upper' ? k : k - 1) / 2), 0)
}
