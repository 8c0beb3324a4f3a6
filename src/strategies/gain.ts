/** Gains: by how much a layer's standard deviation has to be raised for the activation function that follows it. */

import { checkNumber, checkOneOf } from '../errors/validate.ts'

/** An activation function for which `gain` has a value. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu'
const NONLINEARITIES: readonly Nonlinearity[] = ['linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu']

/**
 * The gain of an activation function, the same as torch.nn.init.calculate_gain: linear and sigmoid 1, tanh 5/3,
 * relu sqrt(2), leakyRelu sqrt(2 / (1 + slope^2)), selu 3/4. `heNormal` and `heUniform` already contain the gain of
 * relu; leave their `gain` at 1.
 *
 * @param nonlinearity The activation function.
 * @param slope The slope of leakyRelu for negative inputs, finite, default 0.01. Other functions ignore it.
 * @returns The factor by which to multiply the standard deviation.
 * @throws TypeError or RangeError for an unknown nonlinearity or a slope that is not finite.
 * @example
 * import { gain, xavierNormal } from 'simdinit'
 * console.log(gain('leakyRelu', 1)) // 1
 * console.log(xavierNormal({ gain: gain('selu') }).gain) // 0.75
 */
export function gain(nonlinearity: Nonlinearity, slope = 0.01): number {
  checkNumber('slope', slope)
  switch (checkOneOf('nonlinearity', nonlinearity, NONLINEARITIES)) {
    case 'linear':
    case 'sigmoid':
      return 1
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.SQRT2
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope * slope))
    case 'selu':
      return 3 / 4
  }
}
