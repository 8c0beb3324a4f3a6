/**
 * Properties of fills for every strategy: an element depends only on its index, not on the length of the fill, the slice,
 * the engine, its threads or its memory.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/numeric/dtypes.ts'
import {
  createEngine,
  DTYPES,
  type Dtype,
  type Engine,
  type Strategy,
  type TensorData,
} from '../../src/index.ts'
import {
  arbitraryStrategy,
  FORMULA_STRATEGIES,
  STRATEGIES,
  MATRIX_STRATEGIES,
  ZERO_ROWS_STRATEGIES,
} from '../support/strategies.ts'
import { rangeError } from '../support/errors.ts'
import { byTier, pickByTier } from '../support/tier.ts'

const BLOCK = 8192
const ALL: [name: string, strategy: Strategy, shape: number[]][] = [
  ...STRATEGIES.map(([name, strategy]) => [name, strategy, [100, 100]] as [string, Strategy, number[]]),
  ...FORMULA_STRATEGIES,
  ...MATRIX_STRATEGIES,
  ...ZERO_ROWS_STRATEGIES,
]
const ENGINES = [await createEngine({ backend: 'wasm', threads: 1 }), await createEngine({ backend: 'js' })]
const anyDtype = fc.constantFrom(...DTYPES)
const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1)
const bits = ({ buffer, byteOffset, byteLength }: TensorData) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

function filled(engine: Engine, strategy: Strategy, dtype: Dtype, shape: number[], length: number) {
  const data = new FORMATS[dtype].arrayType(length)
  engine.fillSync(data, strategy, { seed: 42, name: 'w', dtype, shape })
  return data
}

describe('a shorter fill is the beginning of a longer one', () => {
  const LENGTHS = [...pickByTier(9, [...Array(258).keys()]), BLOCK - 1, BLOCK, BLOCK + 1]

  it.each(ALL)(
    'for every length from 0 to 257 and around the end of a block: %s (pytorch#80202, #79703, #166856)',
    (_, strategy, shape) => {
      for (const engine of ENGINES) {
        for (const dtype of DTYPES) {
          const whole = bits(filled(engine, strategy, dtype, shape, sizeOf(shape)))
          for (const length of LENGTHS.filter((n) => n <= sizeOf(shape))) {
            const short = bits(filled(engine, strategy, dtype, shape, length))
            if (!short.equals(whole.subarray(0, short.length))) expect.fail(`${dtype}, ${length} elements`)
          }
        }
      }
    },
  )
})

const isScaledByFans = ({ type }: { type: string }) => type === 'varianceScaling'
const EMPTY_SHAPES = [
  [0, 5],
  [5, 0],
  [0, 0],
  [3, 0, 2],
]

it.each(STRATEGIES.filter(([, strategy]) => !isScaledByFans(strategy)))(
  '%s fills a tensor without elements',
  async (_, strategy) => {
    for (const engine of ENGINES) {
      for (const dtype of DTYPES) {
        for (const shape of EMPTY_SHAPES) {
          const { data, ...rest } = await engine.tensor(shape, strategy, { name: 'w', dtype })
          expect([data.length, rest.shape]).toEqual([0, shape])
        }
      }
    }
  },
)

it.each(STRATEGIES.filter(([, strategy]) => isScaledByFans(strategy)))(
  '%s refuses a tensor without elements, whose fans have no meaning',
  async (_, strategy) => {
    for (const engine of ENGINES) {
      for (const shape of EMPTY_SHAPES) {
        const axis = shape.indexOf(0)
        await expect(engine.tensor(shape, strategy, { name: 'w' })).rejects.toThrow(
          rangeError(`"shape[${axis}]" must be at least 1 for a strategy that is scaled by fans; received 0`),
        )
      }
    }
  },
)

it('a normal truncated at 10 standard deviations or more equals the normal itself', () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  fc.assert(
    fc.property(number(-1, 1), number(1e-3, 1), number(10, 1e4), anyDtype, (mean, std, sigmas, dtype) => {
      const [low, high] = [mean - sigmas * std, mean + sigmas * std]
      fc.pre((low - mean) / std === (mean - high) / std) // the bounds are equally far away, to the last bit of f64
      for (const engine of ENGINES) {
        const cut = filled(engine, { type: 'truncatedNormal', mean, std, low, high }, dtype, [BLOCK], BLOCK)
        const plain = filled(engine, { type: 'normal', mean, std }, dtype, [BLOCK], BLOCK)
        expect(bits(cut).equals(bits(plain))).toBe(true)
      }
    }),
    { numRuns: byTier(20, 100) },
  )
})

describe('a slice of a fill is the fill of the slice', () => {
  const anyAxes = fc.array(
    fc.tuple(fc.nat(4), fc.nat(4), fc.nat(2)).map(([a, b, more]) => ({
      from: Math.min(a, b),
      to: Math.max(a, b),
      size: Math.max(a, b) + more,
    })),
    { maxLength: 6 },
  )

  it('on any number of axes, for strategies that do not depend on the shape', () => {
    fc.assert(
      fc.property(
        anyAxes,
        arbitraryStrategy,
        anyDtype,
        fc.constantFrom(...ENGINES),
        (axes, strategy, dtype, engine) => {
          const fans = 'mode' in strategy ? { fanIn: 50, fanOut: 50, ...strategy } : strategy
          expectSlice(engine, fans, dtype, axes)
        },
      ),
      { numRuns: byTier(30, 300) },
    )
  })

  it('on the axes of the shape, for strategies that depend on it', () => {
    const anyCut = fc
      .constantFrom(...FORMULA_STRATEGIES, ...MATRIX_STRATEGIES, ...ZERO_ROWS_STRATEGIES)
      .chain(([, strategy, shape]) =>
        fc.tuple(
          fc.constant(strategy),
          fc.tuple(
            ...shape.map((size) =>
              fc.tuple(fc.nat(size), fc.nat(size)).map(([a, b]) => ({
                from: Math.min(a, b),
                to: Math.max(a, b),
                size,
              })),
            ),
          ),
        ),
      )
    fc.assert(
      fc.property(anyCut, anyDtype, fc.constantFrom(...ENGINES), ([strategy, axes], dtype, engine) => {
        expectSlice(engine, strategy, dtype, axes)
      }),
      { numRuns: byTier(30, 100) },
    )
  })

  function expectSlice(
    engine: Engine,
    strategy: Strategy,
    dtype: Dtype,
    axes: readonly { from: number; to: number; size: number }[],
  ) {
    const [shape, slice] = [axes.map(({ size }) => size), axes.map(({ from, to }) => [from, to] as const)]
    let whole: TensorData
    try {
      whole = filled(engine, strategy, dtype, shape, sizeOf(shape))
    } catch (error) {
      fc.pre(!/value between "low"|exceed the range of f8/.test(String(error))) // the dtype cannot hold the values
      throw error
    }
    // the indices of the slice, axis by axis
    const places = axes.reduce(
      (starts, { from, to, size }) =>
        starts.flatMap((start) => Array.from({ length: to - from }, (_, i) => start * size + from + i)),
      [0],
    )
    const part = new FORMATS[dtype].arrayType(places.length)
    engine.fillSync(part, strategy, { seed: 42, name: 'w', dtype, shape, slice })
    expect([...part]).toEqual(places.map((place) => whole[place]))
  }
})

describe('threads, engine, memory and offset', () => {
  it('do not affect the values', async () => {
    const makers = byTier([2, 3], [1, 2, 3, 7]).flatMap((threads) => [
      { threads },
      { threads, memory: threads * 2 ** 22 }, // smaller pieces
    ])
    const engines = await Promise.all(makers.map((options) => createEngine(options)))
    const [alone, plain] = ENGINES
    // workers start with the first large fill, too late to take part in it
    const first = new Float32Array(2 ** 22)
    for (const engine of engines) await engine.fill(first, { type: 'normal', mean: 0, std: 1 }, { name: 'w' })
    await fc.assert(
      fc.asyncProperty(
        arbitraryStrategy,
        anyDtype,
        fc.integer({ min: 2 ** 21, max: 2 ** 21 + 2 ** 19 }),
        fc.nat(2 ** 40),
        fc.constantFrom(...engines, plain),
        async (strategy, dtype, length, offset, engine) => {
          const fans = 'mode' in strategy ? { fanIn: 50, fanOut: 50, ...strategy } : strategy
          const options = { seed: 42, name: 'w', dtype, offset }
          const [found, wanted] = [new FORMATS[dtype].arrayType(length), new FORMATS[dtype].arrayType(length)]
          try {
            alone.fillSync(wanted, fans, options)
          } catch (error) {
            fc.pre(!/value between "low"|exceed the range of f8/.test(String(error)))
            throw error
          }
          await engine.fill(found, fans, options)
          expect(bits(found).equals(bits(wanted))).toBe(true)
        },
      ),
      { numRuns: byTier(4, 40) },
    )
    await Promise.all(engines.map((engine) => engine.close()))
  })
})
