/**
 * The edges of the domain: the first and last indices, sizes of 0 to 3, each dtype's largest value, and parameters just
 * inside and just outside their ranges. Both engines give the same finite elements, or refuse with the same message.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createEngine,
  DTYPES,
  toFloat32,
  type Dtype,
  type Engine,
  type StrategyInput,
} from '../../src/index.ts'
import { FORMATS } from '../../src/numeric/dtypes.ts'
import { product } from '../../src/numeric/shape.ts'
import { byTier, pickByTier } from '../support/tier.ts'

const MAX_SIZE = Number.MAX_SAFE_INTEGER
let engines: Engine[]

beforeAll(async () => {
  engines = [await createEngine({ threads: 1 }), await createEngine({ backend: 'js' })]
})

afterAll(async () => {
  for (const engine of engines) await engine.close()
})

interface Place {
  readonly shape?: number[]
  readonly offset: number
  readonly count: number
}

/** The elements, or the message of the error. */
function fill(engine: Engine, strategy: StrategyInput, dtype: Dtype, { shape, offset, count }: Place) {
  const target = new FORMATS[dtype].arrayType(count)
  try {
    engine.fillSync(target as Uint16Array, strategy, { name: 'w', dtype: dtype as 'bf16', shape, offset })
  } catch (error) {
    expect(error).toHaveProperty('code', 'ERR_INVALID_VALUE')
    return (error as Error).message
  }
  return target
}

/** Expects both engines to agree. Returns the message if they refuse. */
function check(strategy: StrategyInput, dtype: Dtype, place: Place): string | undefined {
  const [fast, plain] = engines.map((engine) => fill(engine, strategy, dtype, place))
  const where = JSON.stringify({ strategy, dtype, ...place })
  if (typeof fast === 'string' || typeof plain === 'string') {
    expect(plain, where).toBe(fast)
    return fast as string
  }
  if (Buffer.compare(Buffer.from(fast.buffer), Buffer.from(plain.buffer)) !== 0)
    expect(plain, where).toEqual(fast)
  if (!toFloat32(fast as Uint16Array, dtype as 'bf16').every(Number.isFinite))
    expect(fast, where).toBe('finite')
  return undefined
}

const nextUp = (x: number) => {
  const value = Float64Array.of(x)
  new BigInt64Array(value.buffer)[0] += 1n
  return value[0]
}

/** Strategies that ignore the shape, at the edges of a dtype whose largest value is `max`: [accepted, refused]. */
function elementwise(max: number): [StrategyInput[], StrategyInput[]] {
  const above = nextUp(max)
  const maxStd = Math.min(2 ** 90, max / 6.3381)
  const accepted: StrategyInput[] = [
    { type: 'constant', value: max },
    { type: 'constant', value: -max },
    { type: 'normal', std: maxStd },
    { type: 'normal', std: 2 ** -90 },
    { type: 'normal', mean: max / 2, std: maxStd / 2 },
    { type: 'uniform', low: -max, high: max },
    { type: 'uniform', low: max / 2, high: max },
    { type: 'uniform', low: 0, high: 2 ** -90 },
    { type: 'truncatedNormal', std: maxStd },
    { type: 'truncatedNormal', std: maxStd, low: -max, high: max },
    { type: 'truncatedNormal', std: 2 ** -90, low: -(2 ** -91), high: 2 ** -90 },
    { type: 'truncatedNormal', sigmas: 2 ** -10 },
    { type: 'truncatedNormal', sigmas: nextUp(2 ** -10) },
    { type: 'truncatedNormal', low: 5.5 },
    { type: 'residualNormal', std: 1, layers: MAX_SIZE },
    { type: 'logUniform', low: 1e-5, high: max },
    { type: 'logUniform', low: 5e-324, high: 1e-300 },
    { type: 'logOfUniform', low: 1, high: 1 + 2 ** -52 },
    { type: 'mambaDtBias', low: 1e-3, high: max },
    { type: 'mambaDtBias', low: 1e-3, high: 0.1, floor: max },
    { type: 'mambaDtBias', low: Math.LN2 - 1e-9, high: Math.LN2 + 1e-9 },
    { type: 'griffinRecurrence', low: 5e-324, high: 1e-300 },
    { type: 'griffinRecurrence', low: 0.5, high: 0.99999999499 },
  ]
  const refused: StrategyInput[] = [
    { type: 'constant', value: above },
    { type: 'normal', std: 2 ** -91 },
    { type: 'normal', std: max / 6.3379 },
    { type: 'uniform', low: -max, high: above },
    { type: 'uniform', low: 0, high: 2 ** -91 },
    { type: 'truncatedNormal', std: max / 9.0049, low: 0 },
    { type: 'truncatedNormal', low: 6.6, high: 7 },
    { type: 'logUniform', low: 1e-5, high: above },
    { type: 'mambaDtBias', low: 1e-3, high: above },
    { type: 'griffinRecurrence', low: 0.5, high: 0.999999995 },
  ]
  return [accepted, refused]
}

/** Around the ends of blocks, 32-bit integers and all indices. */
const OFFSETS = byTier(
  [0, 2 ** 31 - 1, 2 ** 32 - 4096, 2 ** 53 - 4096, MAX_SIZE - 3],
  [
    0,
    1,
    8190,
    2 ** 31 - 8192,
    2 ** 31 - 1,
    2 ** 32 - 4096,
    2 ** 32 - 2,
    2 ** 40,
    2 ** 45 + 1,
    2 ** 52 - 1,
    2 ** 53 - 8193,
    2 ** 53 - 8192,
    2 ** 53 - 4097,
    2 ** 53 - 4096,
    MAX_SIZE - 3,
  ],
)

describe.each(pickByTier(2, DTYPES))('%s', (dtype) => {
  const { max } = FORMATS[dtype]
  const [accepted, refused] = elementwise(max)

  it('strategies at the edge of their range give finite elements at every index', () => {
    for (const strategy of accepted) {
      for (const offset of OFFSETS) {
        for (const count of byTier([1, 3], [0, 1, 2, 3]))
          expect(check(strategy, dtype, { offset, count })).toBeUndefined()
      }
      expect(check(strategy, dtype, { offset: MAX_SIZE, count: 0 })).toBeUndefined()
      expect(check(strategy, dtype, { offset: MAX_SIZE, count: 1 })).toContain('must end within')
    }
  })

  it('strategies beyond the edge are refused, with a message that names two different numbers', () => {
    for (const strategy of refused) {
      const message = check(strategy, dtype, { offset: 0, count: 1 })
      expect(message, JSON.stringify(strategy)).toBeDefined()
      const [, value, limit] = /values up to (\S+) exceed .* is (\S+)$/.exec(message!) ?? []
      if (value) expect(Number(value), message).toBeGreaterThan(Number(limit))
    }
  })

  it('strategies that read the shape, for axes of 0 to 3 and for tensors of nearly 2^53 elements', () => {
    for (const [rank, strategies] of Object.entries(shaped(max))) {
      for (const strategy of strategies) {
        for (const shape of SHAPES[Number(rank)]) checkShape(strategy, dtype, shape)
      }
    }
  })
})

/** Checks the first, middle and last elements; small tensors as a whole. */
function checkShape(strategy: StrategyInput, dtype: Dtype, shape: number[]): void {
  const size = product(shape)
  if (size < 1000) check(strategy, dtype, { shape, offset: 0, count: size })
  if (size < 3) return
  for (const offset of [0, Math.floor(size / 2) - 1, size - 3])
    check(strategy, dtype, { shape, offset, count: 3 })
}

const AXES = byTier([0, 2], [0, 1, 2, 3, 5])
const grid = (rank: number): number[][] =>
  rank === 0 ? [[]] : grid(rank - 1).flatMap((shape) => AXES.map((n) => [...shape, n]))

const SHAPES: Record<number, number[][]> = {
  1: [...grid(1), [2 ** 32 + 4], [MAX_SIZE]],
  2: [...grid(2), [33, 2], [2 ** 31, 2 ** 21], [1, MAX_SIZE], [2 ** 20, 2 ** 20]],
  3: [...grid(3), [2, 2, 2 ** 32 + 1], [2 ** 32, 1, 2], [2, 1, 2 ** 50]],
  4: [...grid(4), [1, 1, 1000, 2], [1, 1, 2 ** 40, 2], [2, 2, 2 ** 26, 3]],
}

const layouts = ['oi', 'io'] as const
const STFT = (['hann', 'hamming', 'none'] as const).flatMap((window) =>
  (['density', 'spectrum', 'none'] as const).flatMap((scaling) =>
    [true, false].map((periodic): StrategyInput => ({
      type: 'stft',
      side: 'imag',
      window,
      scaling,
      periodic,
    })),
  ),
)

/** Strategies that read the shape, by the rank that they are tried with. */
const shaped = (max: number): Record<number, StrategyInput[]> => ({
  1: [
    { type: 'forgetGateBias', value: max },
    { type: 'forgetGateBias', gates: 1, gate: 0 },
    { type: 'arange', step: 0, start: max },
    { type: 'logArange' },
    { type: 'heNormal', vectorFans: 'root' },
    { type: 'zeroRows', rows: [0], strategy: { type: 'logUniform', low: 1, high: max } },
  ],
  2: [
    { type: 'identity', gain: max },
    { type: 'identity', gain: nextUp(max) },
    { type: 'arange', start: -max, step: max, axis: 0 },
    { type: 'arange', start: -1e308, step: 1e308 },
    { type: 'logArange', start: 5e-324, axis: -2 },
    { type: 'sinusoidal', max: 1.7e308 },
    { type: 'sinusoidal', arrangement: 'halves' },
    { type: 'orthogonal', gain: max, axis: -1 },
    { type: 'orthogonal', gain: nextUp(max) },
    { type: 'sparse', sparsity: 1 },
    { type: 'sparse', sparsity: 5e-324, std: 0.1 },
    { type: 'sparse', sparsity: 0, std: max },
    { type: 'xavierUniform', gain: max },
    { type: 'zeroRows', rows: [1], strategy: 'orthogonal' },
    { type: 'zeroRows', rows: [2 ** 20 - 1], strategy: 'normal' },
  ],
  3: [
    ...STFT,
    ...layouts.flatMap((layout): StrategyInput[] => [
      { type: 'dirac', layout },
      { type: 'deltaOrthogonal', layout },
    ]),
    { type: 'orthogonal', axis: 1 },
  ],
  4: [{ type: 'bilinear' }, { type: 'dirac', groups: 2, center: 'lower' }],
})

it('the center of a long kernel is its middle', () => {
  const length = 2 ** 33 + 2
  const place = { shape: [1, 1, length], offset: length / 2 - 1, count: 3 }
  for (const engine of engines) expect(fill(engine, 'dirac', 'f32', place)).toEqual(Float32Array.of(0, 1, 0))
})

it('bilinear refuses heights whose values exceed the dtype, and takes empty tensors', () => {
  const place = { offset: 0, count: 0 }
  expect(check('bilinear', 'f8_e4m3', { ...place, shape: [1, 1, 451, 2] })).toBe(
    'values up to 449 exceed the range of f8_e4m3, whose largest value is 448',
  )
  expect(check('bilinear', 'f8_e4m3', { ...place, shape: [1, 1, 450, 2] })).toBeUndefined()
  expect(check('bilinear', 'f8_e4m3', { ...place, shape: [1, 1, 5, 0] })).toBeUndefined()
})

it('stft refuses a window of zeros that is scaled, and a frame that is too long', () => {
  const place = { shape: [2, 1, 5], offset: 0, count: 10 }
  expect(check({ type: 'stft' }, 'f32', place)).toBe(
    '"shape" must be a frame of 3 or more for a symmetric hann window that is scaled; received [2, 1, 5]',
  )
  expect(check({ type: 'stft', scaling: 'none' }, 'f32', place)).toBeUndefined()
  expect(check({ type: 'stft', periodic: true }, 'f32', place)).toBeUndefined()
  expect(check('stft', 'f32', { shape: [2 ** 24 + 1, 1, 2], offset: 0, count: 1 })).toContain(
    'at most 16777216',
  )
})
