/**
 * SciPy and NumPy: fills against SciPy's distribution functions, the quantile transform against scipy.special.ndtri,
 * the Fourier basis against SciPy's windows and NumPy's transform. A new strategy needs a new row.
 */

import { describe, expect, it, type TestContext } from 'vitest'
import {
  arange,
  createEngine,
  resolveDistribution,
  griffinRecurrence,
  heTruncatedNormal,
  identity,
  lecunUniform,
  logArange,
  logOfUniform,
  logUniform,
  mambaDtBias,
  normal,
  orthogonal,
  effectiveStd,
  residualNormal,
  sinusoidal,
  stft,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  type Strategy,
} from '../../src/index.ts'
import { computeBase, compileTransform } from '../../src/distributions/transform.ts'
import { jsBackend, applyTransform, wasmBackend } from '../support/transforms.ts'
import { computeSampleStats } from '../support/moments.ts'
import { runOracle, encodeBase64, findPython } from '../support/oracles.ts'

const N = 2 ** 17
const P = 1e-6

/** A strategy; SciPy's distribution for it, or for the result of `of`; the shape, where it matters. */
const LAWS: [strategy: Strategy, law: string, of?: string, shape?: number[]][] = [
  [normal(), 'norm()'],
  [normal({ mean: -3, std: 1e-3 }), 'norm(-3, 1e-3)'],
  [residualNormal({ std: 0.02, layers: 8 }), 'norm(0, 0.005)'],
  [xavierNormal({ fanIn: 300, fanOut: 500 }), 'norm(0, 0.05)'],
  [uniform(), 'uniform()'],
  [uniform({ low: -0.05, high: 0.05 }), 'uniform(-0.05, 0.1)'],
  [lecunUniform({ fanIn: 75 }), 'uniform(-0.2, 0.4)'],
  [truncatedNormal({ low: -2, high: 2 }), 'truncnorm(-2, 2)'],
  [truncatedNormal({ std: 0.02, low: 0, high: 0.02 }), 'truncnorm(0, 1, 0, 0.02)'],
  [truncatedNormal({ mean: 0.5, low: -0.5, high: 3.5 }), 'truncnorm(-1, 3, 0.5)'],
  [truncatedNormal({ low: 3, high: 4 }), 'truncnorm(3, 4)'],
  [truncatedNormal({ low: 5, high: 6 }), 'truncnorm(5, 6)'],
  [truncatedNormal({ low: -6, high: -5 }), 'truncnorm(-6, -5)'],
  [truncatedNormal({ low: 2.5 }), 'truncnorm(2.5, inf)'],
  [truncatedNormal({ high: 1 }), 'truncnorm(-inf, 1)'],
  [truncatedNormal({ std: 100, low: -1, high: 2 }), 'truncnorm(-0.01, 0.02, 0, 100)'],
  [heTruncatedNormal({ fanIn: 800 }), 'truncnorm(-2, 2, 0, 0.05 / 0.87962566103423978)'],
  [
    varianceScaling({ scale: 4, fanIn: 100, distribution: 'truncatedNormal' }),
    'truncnorm(-2, 2, 0, 0.2 / 0.87962566103423978)',
  ],
  [logUniform({ low: 1e-3, high: 1e3 }), 'loguniform(1e-3, 1e3)'],
  [logOfUniform({ low: 1, high: 16 }), 'uniform(1, 15)', 'np.exp(x)'],
  [mambaDtBias(), 'loguniform(0.001, 0.1)', 'np.log1p(np.exp(x))'],
  [griffinRecurrence(), 'uniform(0.9 ** 2, 0.999 ** 2 - 0.9 ** 2)', 'np.exp(-2 * np.log1p(np.exp(x)))'],
  // an entry of a Haar matrix of size 400: a coordinate of a point on the sphere
  [orthogonal({ axis: 0 }), 'beta(1 / 2, 399 / 2)', 'x ** 2', [400, 300]],
  [orthogonal({ gain: 3, axis: -1 }), 'beta(1 / 2, 399 / 2)', '(x / 3) ** 2', [300, 400]],
]

const TRANSFORMS = (['real', 'imag'] as const).flatMap((side) =>
  (['hann', 'hamming', 'none'] as const).flatMap((window) =>
    (['density', 'spectrum', 'none'] as const).flatMap((scaling) =>
      [false, true].flatMap((periodic) =>
        [
          [32, 1, 17],
          [31, 1, 17],
        ].map((shape) => ({ side, window, scaling, periodic, shape })),
      ),
    ),
  ),
)

/** An expression in NumPy, and the strategy and the shape that give the same values. */
const FIXED: [code: string, strategy: Strategy, shape: number[]][] = [
  ['np.eye(5, 7)', identity(), [5, 7]],
  ['np.eye(7, 5) * 0.5', identity({ gain: 0.5 }), [7, 5]],
  ['np.arange(0, 64)', arange(), [64]],
  ['np.repeat(np.linspace(-3, 4, 29), 3)', arange({ start: -3, step: 0.25, axis: 0 }), [29, 3]],
  ['np.tile(np.log(np.arange(1, 17)), (5, 1))', logArange(), [5, 16]],
  [
    'np.stack([f(np.outer(np.arange(50), 10000.0 ** (-np.arange(0, 64, 2) / 64))) for f in (np.sin, np.cos)], 2)',
    sinusoidal(),
    [50, 64],
  ],
  [
    'np.hstack([f(np.outer(np.arange(50), np.geomspace(1, 1e-4, 32))) for f in (np.sin, np.cos)])',
    sinusoidal({ arrangement: 'halves' }),
    [50, 64],
  ],
]

interface Answer {
  laws: { p: number; inside: boolean; mean: number; std: number; kurtosis: number }[]
  above: number[]
  tails: number[]
  transforms: number[][]
  f16: number[]
  fixed: number[][]
}

const engine = await createEngine()
const drawn = await Promise.all(
  LAWS.map(([strategy, , , shape = [N]], i) => engine.tensor(shape, strategy, { name: `law ${i}`, seed: 1 })),
)
const sample = (await engine.tensor([50_000], normal({ std: 1e-4 }), { name: 'sample' })).data

/** Draws in every power of two that f, the draw as a number, can have; including 0.5. */
const DRAWS = Int32Array.from({ length: 31 * 512 }, (_, i) => {
  const [e, part] = [i >> 9, i & 511]
  return Math.floor(2 ** e * (1 + part / 512)) - 1
})
const floatOf = (draw: number) => Math.fround(Math.fround(draw) + 0.5)
const TAILS = Float64Array.from({ length: 60 }, (_, i) => 0.05 + 0.15 * i)

let answer: Answer | undefined
const scipy = (context: TestContext): Answer =>
  (answer ??= runOracle<Answer>(findPython(context, 'scipy'), 'scipy_oracle.py', {
    laws: LAWS.map(([, law, of = 'x'], i) => ({ law, of, values: encodeBase64(drawn[i].data) })),
    fractions: encodeBase64(Float64Array.from(DRAWS, (draw) => floatOf(draw) * 2 ** -32)),
    tails: encodeBase64(TAILS),
    transforms: TRANSFORMS,
    floats: encodeBase64(sample),
    fixed: FIXED.map(([code]) => code),
  }))

describe.each(LAWS.map(([strategy, law, of], i) => ({ strategy, law, of, i })))(
  '$strategy',
  ({ strategy, law, of, i }) => {
    it(`follows ${law}${of ? `, as ${of}` : ''} (Kolmogorov and Smirnov)`, (context) => {
      const { p, inside } = scipy(context).laws[i]
      expect(p).toBeGreaterThan(P)
      if (!of) expect(inside).toBe(true)
    })

    if (of) return // SciPy's moments describe the transformed values
    it('has its mean, standard deviation and kurtosis, and reports that standard deviation', (context) => {
      const theirs = scipy(context).laws[i]
      const ours = computeSampleStats(drawn[i].data)
      expect(Math.abs(ours.mean - theirs.mean) / (theirs.std / Math.sqrt(N))).toBeLessThan(5)
      const error = Math.sqrt((theirs.kurtosis - 1) / 4 / N)
      expect(Math.abs(Math.log(ours.std / theirs.std)) / error).toBeLessThan(5)
      expect(Math.abs(ours.kurtosis / theirs.kurtosis - 1)).toBeLessThan(0.05)
      expect(effectiveStd(resolveDistribution(strategy)) / theirs.std).toBeCloseTo(1, 6)
    })
  },
)

it('no distribution fits suspiciously well: the p-values are uniform', (context) => {
  const sorted = scipy(context)
    .laws.map(({ p }) => p)
    .toSorted((a, b) => a - b)
  const distance = Math.max(...sorted.map((p, i) => Math.abs(p - (i + 0.5) / sorted.length)))
  expect(distance * Math.sqrt(sorted.length)).toBeLessThan(2.7) // Kolmogorov: p = 1e-6
})

describe('the normal transform', () => {
  it('is ndtri of the draw: to 2.2 ulp from 0.67 on, and to 1.25e-7 below', (context) => {
    const theirs = scipy(context).above
    const map = compileTransform({ type: 'normal', mean: 0, std: 1 }, 'f32')
    for (const engine of [wasmBackend, jsBackend]) {
      const ours = applyTransform(engine, map, 'f32', DRAWS)
      const errors = Array.from(ours, (x, i) => {
        const z = -theirs[i]
        return z >= 0.67
          ? Math.abs(x - z) / 2 ** (Math.floor(Math.log2(z)) - 23) / 2.2
          : Math.abs(x - z) / 1.25e-7
      })
      expect(Math.max(...errors)).toBeLessThan(1)
    }
  })

  it('is truncated where ndtr specifies, to a relative error of 4e-7 (1 + t^2)', (context) => {
    for (const [i, tail] of scipy(context).tails.entries()) {
      const t = TAILS[i]
      expect(Math.abs(computeBase(t) / 2 ** 32 / tail - 1), `${t}`).toBeLessThan(4e-7 * (1 + t * t))
    }
  })
})

it.for(TRANSFORMS.map((options, i) => ({ ...options, i })))(
  "the Fourier basis equals SciPy's window times NumPy's transform: $side $window $scaling $periodic $shape",
  async (options, context) => {
    const { i, shape, ...fields } = options
    const { data } = await engine.tensor(shape, stft(fields), { name: 'w' })
    const theirs = scipy(context).transforms[i]
    expect(Math.max(...Array.from(data, (x, at) => Math.abs(x - theirs[at])))).toBeLessThan(1e-7)
  },
)

it.for(FIXED.map(([code, strategy, shape], i) => ({ code, strategy, shape, i })))(
  "matches NumPy's $code of $shape",
  async ({ strategy, shape, i }, context) => {
    const { data } = await engine.tensor(shape, strategy, { name: 'w' })
    const theirs = scipy(context).fixed[i]
    expect(data).toHaveLength(theirs.length)
    expect(Math.max(...Array.from(data, (x, at) => Math.abs(x - theirs[at])))).toBeLessThan(1.2e-7)
  },
)

it('NumPy rounds f32 values to the f16 values of the engine, including subnormals', (context) => {
  const data = new Uint16Array(sample.length)
  engine.fillSync(data, normal({ std: 1e-4 }), { name: 'sample', dtype: 'f16' })
  expect(scipy(context).f16).toEqual([...data])
})
