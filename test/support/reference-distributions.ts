/** The distributions of the strategies in closed form: the distribution functions that samples are compared with. */

import {
  griffinRecurrence,
  logOfUniform,
  logUniform,
  mambaDtBias,
  normal,
  truncatedNormal,
  uniform,
  type Dtype,
  type Strategy,
} from '../../src/index.ts'
import { normalSurvival } from '../../src/numeric/math.ts'

export interface ReferenceDistribution {
  name: string
  strategy: Strategy
  dtype: Dtype
  /** The fraction of values below x, before the cast. */
  cdf: (x: number) => number
  /** The range of the grid of cells: the bounds, or points beyond all values. */
  low: number
  high: number
  /** An upper bound on the probability of any f32 value. It limits the resolution of the statistics. */
  atom: number
  /** Magnitudes beyond which values are counted; bounded distributions have none, and are counted near their ends. */
  tails: number[]
  /** What the transform over all 2^32 draws adds to the moments of the distribution, where known. */
  bias?: number[]
}

/** 256 of 2^32 draws. `npm run test:slow` counts the draws per value of the kernels' transforms. */
const DEFAULT_ATOM = 2 ** -24

/**
 * The figures of docs/reference/stream.md, as moments of order 1 to 4 minus those of the distribution: mean, variance,
 * third moment, and (3 + excess kurtosis) variance^2. `npm run test:slow` counts them.
 */
const NORMAL_BIAS = [6.193e-10, -2.394e-8, 4.382e-9, (3 - 5.334e-8) * (1 - 2.394e-8) ** 2 - 3]

function createReference(
  name: string,
  strategy: Strategy,
  rest: Partial<ReferenceDistribution> & Pick<ReferenceDistribution, 'cdf' | 'low' | 'high'>,
): ReferenceDistribution {
  return { name, strategy, dtype: 'f32', atom: DEFAULT_ATOM, tails: [], ...rest }
}

function createNormalReference(
  name: string,
  std: number,
  rest: Partial<ReferenceDistribution> = {},
): ReferenceDistribution {
  return createReference(name, normal({ std }), {
    cdf: (x) => normalSurvival(-x / std),
    low: -8 * std,
    high: 8 * std,
    tails: [3, 4, 5, 6].map((z) => z * std),
    ...rest,
  })
}

function createTruncatedReference(low: number, high: number, atom?: number): ReferenceDistribution {
  const mass = normalSurvival(low) - normalSurvival(high)
  return createReference(`truncated normal on [${low}, ${high}]`, truncatedNormal({ low, high }), {
    cdf: (x) => (normalSurvival(low) - normalSurvival(x)) / mass,
    low,
    high,
    ...(atom !== undefined && { atom }),
  })
}

const softplus = (x: number) => Math.log1p(Math.exp(x))
/** For griffinRecurrence: the square of the decay that a parameter stands for. */
const squaredDecay = (x: number) => (1 + Math.exp(x)) ** -2

export const NORMAL = createNormalReference('normal', 1, { bias: NORMAL_BIAS })
export const UNIFORM = createReference('uniform on [-1, 2)', uniform({ low: -1, high: 2 }), {
  cdf: (x) => (x + 1) / 3,
  low: -1,
  high: 2,
})

/** Each family of transforms, and each strategy computed from one draw. */
export const REFERENCE_DISTRIBUTIONS: ReferenceDistribution[] = [
  NORMAL,
  UNIFORM,
  createTruncatedReference(-2, 2),
  createTruncatedReference(-1, 3, 2 ** -23),
  createTruncatedReference(3, 4, 2 ** -19),
  createNormalReference('normal, bf16', 1, { dtype: 'bf16' }),
  createNormalReference('normal of std 0.02, f16', 0.02, { dtype: 'f16' }),
  createReference('logUniform on [0.01, 1)', logUniform({ low: 0.01, high: 1 }), {
    cdf: (x) => Math.log(x / 0.01) / Math.log(100),
    low: 0.01,
    high: 1,
  }),
  createReference('logOfUniform on [1, 16)', logOfUniform({ low: 1, high: 16 }), {
    cdf: (x) => (Math.exp(x) - 1) / 15,
    low: 0,
    high: Math.log(16),
    atom: 2 ** -21, // steps of f32 of 2^-22, at a density of 16/15
  }),
  createReference('mambaDtBias', mambaDtBias(), {
    cdf: (x) => Math.log(softplus(x) / 0.001) / Math.log(100),
    low: Math.log(Math.expm1(0.001)),
    high: Math.log(Math.expm1(0.1)),
    atom: 2 ** -22, // 2^-21 at 0.22
  }),
  createReference('griffinRecurrence', griffinRecurrence(), {
    cdf: (x) => (0.999 ** 2 + 1e-8 - squaredDecay(x)) / (0.999 ** 2 - 0.9 ** 2),
    low: Math.log((0.999 ** 2 + 1e-8) ** -0.5 - 1),
    high: Math.log((0.9 ** 2 + 1e-8) ** -0.5 - 1),
    atom: 2 ** -22, // 2^-22 at 0.86
  }),
]
