/**
 * `simdinit/keras` against Keras itself: the fixture records the results of its initializers
 * (`scripts/fixtures/make-keras-fixture.py`). Intentional differences are listed here.
 */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as keras from '../../src/compat/keras.ts'
import {
  createEngine,
  resolveDistribution,
  effectiveStd,
  varianceScaling,
  type Strategy,
} from '../../src/index.ts'

type Options = Record<string, unknown>
type Call = [name: string, options: Options, shape: number[]]

type Sample = [...Call, count: number, mean: number, std: number, min: number, max: number]

interface Fixture {
  /** Fields of the constructor and of get_config(). */
  defaults: [name: string, fields: Options, config: Options][]
  layers: [layer: string, shape: number[]][]
  samples: Sample[]
  /** The same for VarianceScaling with axes. */
  axes: Sample[]
  values: [...Call, values: number[]][]
  /** The errors of Q^T Q and Q Q^T as identities. */
  orthogonal: [options: Options, shape: number[], columns: number, rows: number][]
  limits: [...Call, refused: boolean][]
}
const fixture = JSON.parse(readFileSync('test/fixtures/keras.json', 'utf8')) as Fixture

const make = (name: string, options: Options) =>
  (keras as unknown as Record<string, (options: Options) => Strategy>)[name](options)
const lawOf = ([name, options, shape]: Call) => resolveDistribution(make(name, options), shape, 'io')

/** Fields of Keras that simdinit/keras leaves out: the engine has the seed, `varianceScaling` the axes. */
const ELSEWHERE = new Set(['seed', 'input_axes', 'output_axes'])

/** Inputs that Keras accepts and simdinit/keras rejects, except for the first, where it is the other way round. */
const DEPARTURES = new Set(
  [
    ['VarianceScaling', { scale: 0 }],
    ['VarianceScaling', { distribution: 'Uniform' }],
    ['RandomUniform', { minval: 1, maxval: 1 }],
    ['TruncatedNormal', { stddev: 0 }],
    ['Constant', { value: [1, 2] }],
    ['STFT', { window: 'blackman' }],
  ].map((call) => JSON.stringify(call)),
)

const engine = await createEngine({ backend: 'js' })

function drawn(strategy: Strategy, shape: number[]): Float32Array {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1))
  engine.fillSync(data, strategy, { seed: 1, name: 'w', shape, layout: 'io' })
  return data
}

describe('simdinit/keras', () => {
  it('has every initializer of Keras, and no other', () => {
    const { SimdinitError: _, ...initializers } = keras
    expect(Object.keys(initializers).toSorted()).toEqual(fixture.defaults.map(([name]) => name))
  })

  it.each(fixture.defaults)('%s has the fields and defaults %j', (name, fields, config) => {
    const ours = Object.fromEntries(Object.entries(fields).filter(([field]) => !ELSEWHERE.has(field)))
    expect(make(name, ours)).toEqual(make(name, {}))
    expect(config).toEqual(name === 'Identity' ? {} : fields) // the saved config of an Identity lacks its gain
    if (name === 'Zeros' || name === 'Ones') return
    for (const field of Object.keys(fields).filter((field) => ELSEWHERE.has(field))) {
      expect(() => make(name, { [field]: null })).toThrow(`has no field "${field}"`)
    }
  })

  // Six standard errors: a probability of 2e-9 per figure.
  it.each(fixture.samples)('%s %j of %j has the distribution that Keras draws from', (...sample) => {
    const [name, options, shape, count, mean, std, min, max] = sample
    const law = lawOf([name, options, shape])
    const expected = effectiveStd(law)
    const center =
      law.type === 'uniform'
        ? (law.low + law.high) / 2
        : law.type === 'normal' || law.type === 'truncatedNormal'
          ? law.mean
          : NaN
    const error = 6 / Math.sqrt(count)
    expect(Math.abs(mean - center) / expected).toBeLessThan(error)
    expect(Math.abs(std / expected - 1)).toBeLessThan(error / Math.SQRT2)
    if (law.type === 'uniform' || law.type === 'truncatedNormal') {
      // Beyond the extremes of n values lies a mass of 14 / n, with a probability of 1e-6; the density there is 0.05 / std for a
      // truncated normal, 0.29 / std for a uniform.
      const [low, high] = [law.low!, law.high!]
      const gap = (14 / count / (law.type === 'uniform' ? 0.28 : 0.049)) * expected
      const rounding = 1e-5 * Math.max(Math.abs(low), Math.abs(high))
      expect(min).toBeGreaterThan(low - rounding)
      expect(min).toBeLessThan(low + gap)
      expect(max).toBeLessThan(high + rounding)
      expect(max).toBeGreaterThan(high - gap)
    } else expect(max - min).toBeGreaterThan(5 * expected) // not truncated at two
  })

  it('is compared for the shapes of layers, of vectors and of scalars', () => {
    const seen = new Set(fixture.samples.map(([, , shape]) => String(shape)))
    for (const [, shape] of fixture.layers) expect(seen).toContain(String(shape))
  })

  it.each(fixture.values)('%s %j of %j has the values of Keras', (name, options, shape, theirs) => {
    const ours = drawn(make(name, options), shape)
    expect(ours).toHaveLength(theirs.length)
    for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 5)
  })

  it.each(fixture.orthogonal)(
    'Orthogonal %j of %j has orthonormal rows or columns where Keras has them',
    (options, shape, columns, rows) => {
      const width = shape.at(-1)!
      const gain = (options.gain as number | undefined) ?? 1
      const q = drawn(make('Orthogonal', options), shape).map((x) => x / gain)
      const height = q.length / width
      const off = (n: number, depth: number, at: (i: number, k: number) => number) => {
        let worst = 0
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            let sum = i === j ? -1 : 0
            for (let k = 0; k < depth; k++) sum += at(i, k) * at(j, k)
            worst = Math.max(worst, Math.abs(sum))
          }
        return worst
      }
      expect(off(width, height, (i, k) => q[k * width + i]) < 1e-5).toBe(columns < 1e-5)
      expect(off(height, width, (i, k) => q[i * width + k]) < 1e-5).toBe(rows < 1e-5)
    },
  )

  it.each(fixture.axes)(
    '%s %j of %j equals varianceScaling with the axes',
    (_, options, shape, count, __, std) => {
      const [inAxes, outAxes] = [options.input_axes as number[], options.output_axes as number[]]
      const named = new Set([...inAxes, ...outAxes].map((axis) => (axis < 0 ? shape.length + axis : axis)))
      const batchAxes = shape.map((__, axis) => axis).filter((axis) => !named.has(axis))
      const mode = ({ fan_in: 'fanIn', fan_out: 'fanOut', fan_avg: 'fanAvg' } as const)[
        options.mode as 'fan_in'
      ]
      const law = resolveDistribution(varianceScaling({ mode, inAxes, outAxes, batchAxes }), shape)
      expect(Math.abs(std / effectiveStd(law) - 1)).toBeLessThan(6 / Math.sqrt(2 * count))
    },
  )

  it.each(fixture.limits)(
    '%s %j of %j is rejected as by Keras, or is a listed difference',
    (name, options, shape, theirs) => {
      const departs = DEPARTURES.has(JSON.stringify([name, options]))
      const ours = () => lawOf([name, options, shape])
      if (theirs === departs) expect(ours).not.toThrow()
      else expect(ours).toThrow(/^"/)
    },
  )
})
