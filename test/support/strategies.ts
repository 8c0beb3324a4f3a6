import fc from 'fast-check'
import {
  arange,
  bilinear,
  constant,
  deltaOrthogonal,
  dirac,
  forgetGateBias,
  griffinRecurrence,
  heNormal,
  heTruncatedNormal,
  heUniform,
  identity,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  logArange,
  logOfUniform,
  logUniform,
  mambaDtBias,
  normal,
  ones,
  orthogonal,
  residualNormal,
  sinusoidal,
  sparse,
  stft,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  zeroRows,
  zeros,
  type Strategy,
} from '../../src/index.ts'

/** Every strategy at least once, and every transform in each of its forms. All fit every dtype. */
export const STRATEGIES: [name: string, strategy: Strategy][] = [
  ['zeros', zeros()],
  ['ones', ones()],
  ['constant', constant({ value: -0.3 })],
  ['normal', normal({ std: 0.02 })],
  ['normal with a mean', normal({ mean: 3, std: 0.7 })],
  ['normal with a small mean', normal({ mean: 1e-4, std: 0.02 })],
  ['normal without spread', normal({ mean: 0.1, std: 0 })],
  ['uniform', uniform()],
  ['uniform of small negative numbers', uniform({ low: -0.003, high: -0.001 })],
  ['truncated normal, symmetric', truncatedNormal({ std: 0.02, low: -0.04, high: 0.04 })],
  ['truncated normal, lopsided', truncatedNormal({ mean: 0.5, std: 1, low: -0.5, high: 3.5 })],
  ['truncated normal, upper tail', truncatedNormal({ std: 1, low: 3, high: 4 })],
  ['truncated normal, lower tail', truncatedNormal({ std: 1, high: -2 })],
  ['truncated normal, upper half', truncatedNormal({ low: 0 })],
  ['truncated normal, unbounded', truncatedNormal({ std: 0.5 })],
  ['truncated normal, a sliver', truncatedNormal({ std: 100, low: -0.01, high: 0.02 })],
  ['variance scaling', varianceScaling({ scale: 3, mode: 'fanGeoAvg', gain: 0.5 })],
  ['Xavier normal', xavierNormal({ mode: 'fanIn', layout: 'io' })],
  ['Xavier truncated normal', xavierTruncatedNormal()],
  ['Xavier uniform', xavierUniform({ gain: 5 / 3 })],
  ['He normal', heNormal({ layout: 'io' })],
  ['He truncated normal', heTruncatedNormal({ mode: 'fanOut' })],
  ['He uniform', heUniform({ fanIn: 9 })],
  ['LeCun normal', lecunNormal()],
  ['LeCun truncated normal', lecunTruncatedNormal()],
  ['LeCun uniform', lecunUniform()],
  ['residual normal', residualNormal({ std: 0.02, layers: 12 })],
]

/** Every strategy whose elements are formulas, with a shape that fits it. */
export const FORMULA_STRATEGIES: [name: string, strategy: Strategy, shape: number[]][] = [
  ['identity', identity({ gain: 0.5 }), [70, 90]],
  ['dirac', dirac({ groups: 2 }), [8, 4, 3, 4]],
  ['dirac, channels last', dirac({ center: 'lower', layout: 'io' }), [4, 3, 6, 8]],
  ['bilinear', bilinear(), [2, 3, 4, 4]],
  ['forget gate', forgetGateBias(), [400]],
  ['arange', arange({ start: -3, step: 0.25, axis: 0 }), [30, 7]],
  ['logarithms', logArange(), [5, 16]],
  ['waves', sinusoidal(), [50, 33]],
  ['waves in halves', sinusoidal({ arrangement: 'halves' }), [50, 32]],
  ['Fourier basis', stft({ side: 'imag' }), [32, 1, 17]],
  ['log-uniform', logUniform({ low: 1e-2, high: 1e2 }), [9000]],
  ['logarithm of a uniform', logOfUniform({ low: 1, high: 16 }), [9000]],
  ['Mamba time steps', mambaDtBias(), [9000]],
  ['Griffin recurrence', griffinRecurrence(), [9000]],
]
/** Every whole-matrix strategy, with a shape that fits it. */
export const MATRIX_STRATEGIES: [name: string, strategy: Strategy, shape: number[]][] = [
  ['orthogonal', orthogonal({ axis: 0 }), [40, 60]],
  ['orthogonal, of a kernel', orthogonal({ gain: 0.5, axis: -1 }), [3, 2, 8, 30]],
  ['delta-orthogonal', deltaOrthogonal({ layout: 'io' }), [2, 3, 20, 30]],
  ['sparse', sparse({ sparsity: 0.3, std: 0.5 }), [50, 60]],
]
/** Rows of zeros in strategies of each kind. */
export const ZERO_ROWS_STRATEGIES: [name: string, strategy: Strategy, shape: number[]][] = [
  ['zero rows', zeroRows({ rows: [0, 7], strategy: heUniform() }), [20, 30]],
  [
    'zero rows in a formula',
    zeroRows({ rows: [3], strategy: logUniform({ low: 1e-2, high: 1e2 }) }),
    [9, 80],
  ],
  ['zero rows in a matrix', zeroRows({ rows: [39], strategy: orthogonal() }), [40, 60]],
]
/** The formula strategies that read a draw. */
export const SAMPLED_FORMULAS = FORMULA_STRATEGIES.slice(-4)

const finiteDouble = (min: number, max: number) => fc.double({ min, max, noNaN: true })

/** Strategies with arbitrary options: moderate enough to fit 16 bits, and often 8. */
export const arbitraryStrategy: fc.Arbitrary<Strategy> = fc.oneof(
  fc.constantFrom(...STRATEGIES.map(([, strategy]) => strategy)),
  fc.oneof(finiteDouble(-448, 448), finiteDouble(-57344, 57344)).map((value) => constant({ value })),
  fc
    .tuple(finiteDouble(-100, 100), fc.oneof(finiteDouble(1e-6, 1), finiteDouble(1e-6, 1000)))
    .map(([mean, std]) => normal({ mean, std })),
  fc
    .tuple(finiteDouble(-1000, 1000), finiteDouble(0.1, 1000))
    .map(([low, width]) => uniform({ low, high: low + width })),
  // bounds within six standard deviations of the mean, at least a tenth apart
  fc
    .tuple(finiteDouble(-10, 10), finiteDouble(0.01, 100), finiteDouble(-5, 4.9), finiteDouble(0.1, 8))
    .map(([mean, std, z, width]) =>
      truncatedNormal({ mean, std, low: mean + z * std, high: mean + (z + width) * std }),
    ),
  fc
    .tuple(finiteDouble(0.01, 100), finiteDouble(0.1, 12))
    .map(([std, z]) => truncatedNormal({ std, low: -z * std, high: z * std })),
  fc
    .tuple(finiteDouble(0.01, 100), finiteDouble(-5, 5))
    .map(([std, z]) => truncatedNormal({ std, low: z * std })),
)
