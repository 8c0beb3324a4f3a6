/**
 * Fans: how many inputs an output of a layer sums (fan in), and how many outputs an input feeds (fan out).
 *
 *   layout 'oi'   [out, in, ...kernel]   PyTorch Linear and Conv     fanIn = shape[1] k, fanOut = shape[0] k
 *   layout 'io'   [...kernel, in, out]   Keras, JAX, Conv1D, x @ W   fanIn = shape[-2] k, fanOut = shape[-1] k
 *
 * with k the product of the kernel's dimensions. Source: torch.nn.init._calculate_fan_in_and_fan_out and
 * keras.initializers.compute_fans. Other tensors say which axes are which: transposed convolutions, fused or
 * stacked matrices (jax.nn.initializers.variance_scaling).
 */

import { checkInteger, checkShape, throwTypeError, throwRangeError } from '../errors/validate.ts'

export type Layout = 'oi' | 'io'
export const LAYOUTS: readonly Layout[] = ['oi', 'io']

export type FanMode = 'fanIn' | 'fanOut' | 'fanAvg' | 'fanGeoAvg'
export const FAN_MODES: readonly FanMode[] = ['fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg']

export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

/** The fans of a shape of rank 2 or more. Throws a RangeError, with the cure, for rank 0 and 1. */
export function computeFans(shape: readonly number[], layout: Layout): Fans {
  checkShape('shape', shape)
  const rank = shape.length
  if (rank < 2) {
    throwRangeError('shape', 'two dimensions or more, or a strategy that says its fanIn and fanOut', shape)
  }
  const [into, out, kernel] =
    layout === 'oi'
      ? [shape[1], shape[0], shape.slice(2)]
      : [shape[rank - 2], shape[rank - 1], shape.slice(0, rank - 2)]
  const k = kernel.reduce((product, dimension) => product * dimension, 1)
  return { fanIn: into * k, fanOut: out * k }
}

/** Axes by number; negative from the last. What is in none of them is the kernel, and counts for both fans. */
export interface FanAxes {
  readonly inAxes: readonly number[]
  readonly outAxes: readonly number[]
  /** Axes along which matrices are stacked: they count for neither fan. */
  readonly batchAxes: readonly number[]
}

/** Checks axes as a caller gives them: a number, or several. */
export function checkAxes(title: string, value: unknown): number[] {
  const list = Array.isArray(value) ? value : [value]
  if (list.some((axis) => typeof axis !== 'number'))
    throwTypeError(title, 'an axis, or an array of axes', value)
  return list.map((axis) => checkInteger(title, axis, -32, 31))
}

/** The fans of a shape whose axes are said. Throws a RangeError for an axis that it lacks, or named twice. */
export function computeFansByAxes(shape: readonly number[], { inAxes, outAxes, batchAxes }: FanAxes): Fans {
  const size = checkShape('shape', shape)
  const taken = new Set<number>()
  const sizeOf = (title: string, axes: readonly number[]) =>
    axes.reduce((product, axis) => {
      const place = axis < 0 ? shape.length + axis : axis
      if (!(place in shape)) throwRangeError(title, `axes of a shape of ${shape.length}`, axes)
      if (taken.has(place)) throwRangeError(title, 'axes that are not named twice', axes)
      taken.add(place)
      return product * shape[place]
    }, 1)
  const [into, out, batch] = [
    sizeOf('inAxis', inAxes),
    sizeOf('outAxis', outAxes),
    sizeOf('batchAxis', batchAxes),
  ]
  const kernel = size === 0 ? 0 : size / (into * out * batch)
  return { fanIn: into * kernel, fanOut: out * kernel }
}

/** The n of a mode: what a variance is divided by. */
export function selectFan({ fanIn, fanOut }: Fans, mode: FanMode): number {
  switch (mode) {
    case 'fanIn':
      return fanIn
    case 'fanOut':
      return fanOut
    case 'fanAvg':
      return (fanIn + fanOut) / 2
    case 'fanGeoAvg':
      return Math.sqrt(fanIn * fanOut)
  }
}
