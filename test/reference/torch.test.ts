/**
 * PyTorch: every initializer of torch.nn.init and the defaults of its layers, compared with their counterparts here.
 * Figures that PyTorch computes (gains, fans, standard deviations, bounds) must be equal; where it draws, statistics of
 * samples are compared. A new initializer needs a new row; torch_oracle.py runs its code.
 */

import { describe, expect, it, type TestContext } from 'vitest'
import * as torch from '../../src/compat/torch.ts'
import {
  bilinear,
  createEngine,
  resolveDistribution,
  computeFans,
  normal,
  uniform,
  type Strategy,
} from '../../src/index.ts'
import { computeSampleStats, type SampleStats } from '../support/moments.ts'
import { runOracle, encodeBase64, findPython, computeZScores } from '../support/oracles.ts'

const MATRIX = [300, 400]
const IMAGES = [64, 32, 7, 7]

/** The code in PyTorch; the strategy here; the shape. */
const DRAWN: [code: string, strategy: Strategy, shape?: number[]][] = [
  ['init.uniform_(t)', torch.uniform_()],
  ['init.uniform_(t, -3, 0.5)', torch.uniform_({ a: -3, b: 0.5 })],
  ['init.normal_(t)', torch.normal_()],
  ['init.normal_(t, 5, 0.1)', torch.normal_({ mean: 5, std: 0.1 })],
  ['init.trunc_normal_(t)', torch.trunc_normal_()],
  ['init.trunc_normal_(t, std=0.02)', torch.trunc_normal_({ std: 0.02 })],
  ['init.trunc_normal_(t, 0.5, 1, -0.5, 3.5)', torch.trunc_normal_({ mean: 0.5, std: 1, a: -0.5, b: 3.5 })],
  ['init.trunc_normal_(t, 0, 1, 0, 1)', torch.trunc_normal_({ a: 0, b: 1 })],
  ['init.trunc_normal_(t, 0, 1, 1, 2)', torch.trunc_normal_({ a: 1, b: 2 })],
  ['init.xavier_uniform_(t)', torch.xavier_uniform_()],
  ['init.xavier_uniform_(t, 5 / 3)', torch.xavier_uniform_({ gain: 5 / 3 }), IMAGES],
  ['init.xavier_normal_(t)', torch.xavier_normal_()],
  ['init.xavier_normal_(t, 0.5)', torch.xavier_normal_({ gain: 0.5 }), [48, 64, 31]],
  ['init.kaiming_uniform_(t)', torch.kaiming_uniform_()],
  ['init.kaiming_uniform_(t, a=5 ** 0.5)', torch.kaiming_uniform_({ a: Math.sqrt(5) }), IMAGES],
  ["init.kaiming_uniform_(t, mode='fan_out')", torch.kaiming_uniform_({ mode: 'fan_out' })],
  ['init.kaiming_normal_(t)', torch.kaiming_normal_()],
  ["init.kaiming_normal_(t, mode='fan_out')", torch.kaiming_normal_({ mode: 'fan_out' }), IMAGES],
  ["init.kaiming_normal_(t, 0.2, 'fan_in', 'leaky_relu')", torch.kaiming_normal_({ a: 0.2 })],
  ["init.kaiming_normal_(t, nonlinearity='tanh')", torch.kaiming_normal_({ nonlinearity: 'tanh' })],
  ['init.orthogonal_(t)', torch.orthogonal_(), [90, 120]],
  ['init.orthogonal_(t, 2)', torch.orthogonal_({ gain: 2 }), [120, 10, 3, 3]],
  ['init.sparse_(t, 0.1)', torch.sparse_({ sparsity: 0.1 })],
  ['init.sparse_(t, 0.25, 2)', torch.sparse_({ sparsity: 0.25, std: 2 })],
  // layers with their defaults
  ['t = nn.Linear(400, 300).weight', torch.kaiming_uniform_({ a: Math.sqrt(5) })],
  ['t = nn.Conv2d(32, 64, 7).weight', torch.kaiming_uniform_({ a: Math.sqrt(5) }), IMAGES],
  ['t = nn.Embedding(300, 400).weight', normal()],
  ['t = nn.LSTM(400, 100).weight_ih_l0', uniform({ low: -0.1, high: 0.1 }), [400, 400]],
  ['t = nn.MultiheadAttention(256, 4).in_proj_weight', torch.xavier_uniform_(), [768, 256]],
]

const FIXED: [code: string, strategy: Strategy, shape: number[]][] = [
  ['init.constant_(t, 0.3)', torch.constant_({ val: 0.3 }), [3, 5]],
  ['init.ones_(t)', torch.ones_(), [7]],
  ['init.zeros_(t)', torch.zeros_(), [2, 2, 2]],
  ['init.eye_(t)', torch.eye_(), [3, 5]],
  ['init.eye_(t)', torch.eye_(), [6, 4]],
  ['init.dirac_(t)', torch.dirac_(), [4, 5, 3]],
  ['init.dirac_(t)', torch.dirac_(), [5, 4, 2, 3]],
  ['init.dirac_(t, 3)', torch.dirac_({ groups: 3 }), [6, 2, 4, 3]],
  ['init.dirac_(t, 2)', torch.dirac_({ groups: 2 }), [4, 3, 2, 3, 4]],
]

/** Codes whose matrices have properties beyond the distribution of an element. */
const MATRICES = /orthogonal_|sparse_/

const FANS = [
  [5, 7],
  [1, 1],
  [64, 3, 7, 7],
  [8, 2, 3],
  [6, 5, 4, 3, 2],
]
const GAIN_ONE = ['linear', 'conv1d', 'conv2d', 'conv3d', 'sigmoid'] as const
const TRANSPOSED = ['conv_transpose1d', 'conv_transpose2d', 'conv_transpose3d'] as const
const GAINS: [torch.Nonlinearity, number | null][] = [
  ...[...GAIN_ONE, ...TRANSPOSED, 'tanh', 'relu', 'selu', 'leaky_relu'].map(
    (name) => [name, null] as [torch.Nonlinearity, null],
  ),
  ...[0, 0.2, 1, Math.sqrt(5)].map((slope) => ['leaky_relu', slope] as [torch.Nonlinearity, number]),
]

interface Case {
  shape: number[]
  drawn: Record<string, number> | null
  values: number[] | null
  figures: SampleStats
}
interface Answer {
  initialisers: string[]
  gains: [torch.Nonlinearity, number | null, number][]
  fans: number[][]
  cases: Case[]
  matrices: [zeros: number[], orthogonality: number][][]
  bf16: number[]
  upsampled: number
}

const CASES = [...DRAWN, ...FIXED].map(([code, strategy, shape = MATRIX]) => ({ code, strategy, shape }))
const engine = await createEngine()
const sample = (await engine.tensor([20_000], normal({ std: 1e-3 }), { name: 'sample' })).data as Float32Array
const kernel = (await engine.tensor([1, 1, 4, 4], bilinear(), { name: 'kernel' })).data

const matrices = await Promise.all(
  CASES.filter(({ code }) => MATRICES.test(code)).map(async ({ code, strategy, shape }) => {
    const { data } = await engine.tensor(shape, strategy, { name: code, seed: 1 })
    return { code, shape, values: encodeBase64(data) }
  }),
)

let answer: Answer | undefined
const pytorch = (context: TestContext): Answer =>
  (answer ??= runOracle<Answer>(findPython(context, 'torch'), 'torch_oracle.py', {
    gains: GAINS,
    fans: FANS,
    cases: CASES.map(({ code, shape }) => ({ code, shape })),
    matrices,
    floats: encodeBase64(sample),
    kernel: encodeBase64(kernel),
  }))

describe.each(CASES)('$code of $shape', ({ code, strategy, shape }) => {
  const theirs = (context: TestContext) =>
    pytorch(context).cases[CASES.findIndex((c) => c.code === code && c.shape === shape)]
  const ours = async () => (await engine.tensor(shape, strategy, { name: code, seed: 1 })).data

  it('has the same shape, and is drawn with the same parameters', (context) => {
    const { shape: made, drawn, values } = theirs(context)
    expect(made).toEqual(shape)
    const distribution = resolveDistribution(strategy, shape) as unknown as Record<string, number>
    if ('shape' in distribution) return // elements are not drawn independently
    if (code.startsWith('init.') && !values) expect(drawn).not.toBe(null)
    for (const [name, value] of Object.entries(drawn ?? {})) {
      // sqrt(2 / n) and sqrt(2) / sqrt(n) differ in their last places
      expect(Math.abs(distribution[name] - value), name).toBeLessThanOrEqual(4e-16 * Math.abs(value))
    }
  })

  it('has the same values, or the same number of draws of the same distribution', async (context) => {
    const { values, figures } = theirs(context)
    const found = await ours()
    if (values) return expect([...found]).toEqual(values)
    const own = computeSampleStats(found)
    for (const [what, errors] of Object.entries(computeZScores(own, figures))) {
      expect(Math.abs(errors), what).toBeLessThan(5)
    }
    const law = resolveDistribution(strategy, shape)
    if (!('low' in law) || own.kurtosis > 2.9) return
    // a bounded distribution: the sample stays inside and comes as close to the bounds
    expect(Math.abs(own.min - figures.min)).toBeLessThan(2e-3 * own.std)
    expect(Math.abs(own.max - figures.max)).toBeLessThan(2e-3 * own.std)
  })
})

describe('torch.nn.init', () => {
  it('has no initializer that is not compared here', (context) => {
    const compared = new Set(CASES.map(({ code }) => /init\.(\w+)/.exec(code)?.[1]))
    const left = pytorch(context).initialisers.filter((name) => !compared.has(name))
    expect(left).toEqual([])
  })

  it('has the same gains, to the last bit', (context) => {
    const { gains } = pytorch(context)
    expect(gains.map(([name, slope]) => torch.calculate_gain(name, slope ?? undefined))).toEqual(
      gains.map(([, , gain]) => gain),
    )
  })

  it('has the same fans', (context) => {
    expect(FANS.map((shape) => Object.values(computeFans(shape, 'oi')))).toEqual(pytorch(context).fans)
  })
})

it.for(matrices.map(({ code, shape }, i) => ({ code, shape, i })))(
  'matrices are equally orthogonal, or have as many zeros in each column: $code of $shape',
  ({ code, i }, context) => {
    const [[theirZeros, theirError], [zeros, error]] = pytorch(context).matrices[i]
    expect(zeros).toEqual(theirZeros)
    if (code.includes('orthogonal')) expect([theirError < 2e-6, error < 2e-6]).toEqual([true, true])
  },
)

describe('torch', () => {
  it('rounds f32 values to the bf16 values of the engine', async (context) => {
    const data = new Uint16Array(sample.length)
    engine.fillSync(data, normal({ std: 1e-3 }), { name: 'sample', dtype: 'bf16' })
    expect(pytorch(context).bf16.map((bits) => bits & 0xffff)).toEqual([...data])
  })

  it('upsamples by interpolation as a transposed convolution with the bilinear kernel does', (context) => {
    expect(pytorch(context).upsampled).toBeLessThan(1e-6)
  })
})
