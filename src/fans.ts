/**
 * Fans: how many inputs an output of a layer sums (fan in), and how many outputs an input feeds (fan out).
 *
 *   layout 'oi'   [out, in, ...kernel]   PyTorch Linear and Conv     fanIn = shape[1] k, fanOut = shape[0] k
 *   layout 'io'   [...kernel, in, out]   Keras, JAX, Conv1D, x @ W   fanIn = shape[-2] k, fanOut = shape[-1] k
 *
 * with k the product of the kernel's dimensions. Source: torch.nn.init._calculate_fan_in_and_fan_out and
 * keras.initializers.compute_fans.
 */

import { aShape, wrongValue } from './errors.ts'

export type Layout = 'oi' | 'io'
export const LAYOUTS: readonly Layout[] = ['oi', 'io']

export type FanMode = 'fanIn' | 'fanOut' | 'fanAvg' | 'fanGeoAvg'
export const FAN_MODES: readonly FanMode[] = ['fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg']

export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

/** The fans of a shape of rank 2 or more. Throws a RangeError, with the cure, for rank 0 and 1. */
export function fansOf(shape: readonly number[], layout: Layout): Fans {
  aShape('shape', shape)
  const rank = shape.length
  if (rank < 2) {
    wrongValue('shape', 'two dimensions or more, or a strategy that says its fanIn and fanOut', shape)
  }
  const [into, out, kernel] =
    layout === 'oi'
      ? [shape[1], shape[0], shape.slice(2)]
      : [shape[rank - 2], shape[rank - 1], shape.slice(0, rank - 2)]
  const k = kernel.reduce((product, dimension) => product * dimension, 1)
  return { fanIn: into * k, fanOut: out * k }
}

/** The n of a mode: what a variance is divided by. */
export function fanOf({ fanIn, fanOut }: Fans, mode: FanMode): number {
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
