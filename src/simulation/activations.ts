/**
 * Activation functions and their derivatives, in the arithmetic of `math.ts`: the same bits in every JavaScript engine.
 * The comparisons let NaN through, so that an overflow is not hidden.
 */

import { erfc, exp, expm1, normalDensity } from '../numeric/math.ts'

interface Activation {
  readonly value: (x: number) => number
  /** The derivative at x, where the function has the given value. */
  readonly derivative: (x: number, value: number) => number
}

/** Klambauer et al., "Self-normalizing neural networks", 2017, equation 14. */
const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805]
/** The default of PyTorch and JAX. */
const LEAKY_RELU_SLOPE = 0.01

const normalCdf = (x: number) => erfc(-x / Math.SQRT2) / 2
const sigmoid = (x: number) => 1 / (1 + exp(-x))

export const ACTIVATIONS = {
  linear: { value: (x) => x, derivative: () => 1 },
  relu: { value: (x) => (x <= 0 ? 0 : x), derivative: (x) => (x <= 0 ? 0 : 1) },
  leakyRelu: {
    value: (x) => (x <= 0 ? LEAKY_RELU_SLOPE * x : x),
    derivative: (x) => (x <= 0 ? LEAKY_RELU_SLOPE : 1),
  },
  tanh: {
    value: (x) => {
      if (Math.abs(x) > 20) return Math.sign(x)
      const growth = expm1(2 * x)
      return growth / (growth + 2)
    },
    derivative: (_, y) => 1 - y * y,
  },
  sigmoid: { value: sigmoid, derivative: (_, y) => y * (1 - y) },
  gelu: { value: (x) => x * normalCdf(x), derivative: (x) => normalCdf(x) + x * normalDensity(x) },
  silu: { value: (x) => x * sigmoid(x), derivative: (x, y) => y + sigmoid(x) * (1 - y) },
  selu: {
    value: (x) => SELU_SCALE * (x <= 0 ? SELU_ALPHA * expm1(x) : x),
    derivative: (x, y) => (x <= 0 ? y + SELU_SCALE * SELU_ALPHA : SELU_SCALE),
  },
} as const satisfies Readonly<Record<string, Activation>>

/** The activations that `simulateNetwork` knows. */
export type ActivationName = keyof typeof ACTIVATIONS
export const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as ActivationName[]
