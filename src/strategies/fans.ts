/**
 * Fans: how many inputs an output of a layer sums (fan in), and how many outputs an input feeds (fan out).
 *
 *   layout 'oi'   [out, in, ...kernel]   fanIn = shape[1] k, fanOut = shape[0] k
 *   layout 'io'   [...kernel, in, out]   fanIn = shape[-2] k, fanOut = shape[-1] k
 *
 * with k the product of the kernel's dimensions. For tensors that fit no layout, such as transposed convolutions and
 * fused or stacked matrices, a strategy names the axes (jax.nn.initializers.variance_scaling).
 * A depthwise kernel of Keras or TensorFlow.js, [...kernel, in, multiplier], has fanIn k with inAxes [], outAxes [-1] and
 * batchAxes [-2]; layout 'io' counts its channels as Keras and TensorFlow.js do.
 * Source: torch.nn.init._calculate_fan_in_and_fan_out, keras.initializers.compute_fans.
 */

import { checkInteger, checkShape, throwTypeError, throwRangeError } from '../errors/validate.ts'
import { normalizeAxis } from '../numeric/shape.ts'
import { splitByLayout, type Layout } from './layout.ts'

/** The fan that a variance is divided by: one of the two, their mean, or their geometric mean. */
export type FanMode = 'fanIn' | 'fanOut' | 'fanAvg' | 'fanGeoAvg'
export const FAN_MODES: readonly FanMode[] = ['fanIn', 'fanOut', 'fanAvg', 'fanGeoAvg']

/** The fans of a weight. */
export interface Fans {
  /** Inputs that one output sums. */
  readonly fanIn: number
  /** Outputs that one input feeds. */
  readonly fanOut: number
}

/**
 * The fans of a weight.
 *
 * @param shape The dimensions of the weight, two or more.
 * @param layout The order of its axes: 'oi' is [out, in, ...kernel], 'io' is [...kernel, in, out].
 * @returns The fan in and the fan out.
 * @throws RangeError for a scalar or a vector, which have no fans.
 * @example
 * import { computeFans } from 'simdinit'
 * console.log(computeFans([64, 32, 3, 3], 'oi')) // { fanIn: 288, fanOut: 576 }
 */
export function computeFans(shape: readonly number[], layout: Layout): Fans {
  checkShape('shape', shape)
  if (shape.length < 2) {
    throwRangeError('shape', 'of rank 2 or more, unless the strategy sets fanIn and fanOut', shape)
  }
  const { inputs, outputs, kernelSize } = splitByLayout(shape, layout)
  return { fanIn: inputs * kernelSize, fanOut: outputs * kernelSize }
}

/** Axes by number, negative from the last. Axes in none of the lists form the kernel, which counts for both fans. */
export interface FanAxes {
  readonly inAxes: readonly number[]
  readonly outAxes: readonly number[]
  /** Axes along which matrices are stacked: they count for neither fan. */
  readonly batchAxes: readonly number[]
}

/** Checks axes given as a number or a list of numbers. */
export function checkAxes(title: string, value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.some((axis) => typeof axis !== 'number')) {
    throwTypeError(title, 'an axis or an array of axes', value)
  }
  return list.map((axis) => checkAxis(title, axis))
}

/** Checks one axis, negative from the last. Whether the shape has it is checked once the shape is known. */
export function checkAxis(title: string, value: unknown): number {
  return checkInteger(title, value, -32, 31)
}

/** The fans of a shape whose axes are named. Throws a RangeError for an axis that it lacks or that is named twice. */
export function computeFansByAxes(shape: readonly number[], axes: FanAxes): Fans {
  const size = checkShape('shape', shape)
  const taken = new Set<number>()
  const sizeOf = (title: keyof FanAxes) =>
    axes[title].reduce((total, axis) => {
      const index = normalizeAxis(axis, shape.length)
      if (index === undefined) throwRangeError(title, `axes of a shape of rank ${shape.length}`, axes[title])
      if (taken.has(index)) throwRangeError(title, 'axes that are named once', axes[title])
      taken.add(index)
      return total * shape[index]
    }, 1)
  const [inputs, outputs, batch] = [sizeOf('inAxes'), sizeOf('outAxes'), sizeOf('batchAxes')]
  const kernelSize = size === 0 ? 0 : size / (inputs * outputs * batch)
  return { fanIn: inputs * kernelSize, fanOut: outputs * kernelSize }
}

/** The fan that a mode selects: what a variance is divided by. */
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

/** The fans that a report shows for a tensor; null if it has fewer than two dimensions. */
export function computeReportFans(
  shape: readonly number[],
  layout: Layout,
): Fans | { fanIn: null; fanOut: null } {
  return shape.length < 2 ? { fanIn: null, fanOut: null } : computeFans(shape, layout)
}
