import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  arange,
  createEngine,
  heNormal,
  normal,
  orthogonal,
  effectiveStd,
  resolveDistribution,
  DTYPES,
  uniform,
  zeroRows,
  type BaseStrategy,
  type Dtype,
} from '../../src/index.ts'
import { FORMATS } from '../../src/numeric/dtypes.ts'

const engines = [await createEngine({ backend: 'wasm', threads: 2 }), await createEngine({ backend: 'js' })]
const [wasm] = engines
afterAll(async () => {
  for (const engine of engines) await engine.close()
})

const SHAPE = [7, 3, 5]
const WIDTH = 15

/** The elements of `strategy`, with zeros in the rows. */
async function expected(rows: readonly number[], strategy: BaseStrategy, dtype: Dtype) {
  const { data } = await wasm.tensor(SHAPE, strategy, { name: 'e', dtype })
  return data.map((bits: number, i: number) => (rows.includes(Math.floor(i / WIDTH)) ? 0 : bits))
}

describe('zeroRows gives the values of the inner strategy, with zeros in its rows', () => {
  const inner = fc.constantFrom(
    normal({ mean: 1, std: 0.5 }),
    uniform(),
    heNormal({ layout: 'io' }),
    arange(),
  )
  const rows = fc.uniqueArray(fc.integer({ min: 0, max: SHAPE[0] - 1 }))

  it('in every dtype and engine, as a whole and in any part', async () => {
    const part = fc
      .tuple(fc.nat(7 * WIDTH), fc.nat(7 * WIDTH))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)])
    const check = async (strategy: BaseStrategy, zero: number[], dtype: Dtype, [from, to]: number[]) => {
      const whole = await expected(zero, strategy, dtype)
      for (const engine of engines) {
        const target = new FORMATS[dtype].arrayType(to - from).fill(77)
        const options = { name: 'e', shape: SHAPE, dtype, offset: from }
        await engine.fill(target, zeroRows({ rows: zero, strategy }), options)
        expect([...target]).toEqual(Array.from(whole.subarray(from, to)))
      }
    }
    await fc.assert(fc.asyncProperty(inner, rows, fc.constantFrom(...DTYPES), part, check))
  })

  it('in any slice', async () => {
    const range = (n: number) =>
      fc.tuple(fc.nat(n), fc.nat(n)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    const slice = fc.tuple(range(7), range(3), range(5))
    await fc.assert(
      fc.asyncProperty(inner, rows, slice, async (strategy, zero, cut) => {
        const whole = await expected(zero, strategy, 'f32')
        const { data } = await wasm.tensor(SHAPE, zeroRows({ rows: zero, strategy }), {
          name: 'e',
          slice: cut,
        })
        const wanted: number[] = []
        for (let i = cut[0][0]; i < cut[0][1]; i++)
          for (let j = cut[1][0]; j < cut[1][1]; j++)
            for (let k = cut[2][0]; k < cut[2][1]; k++) wanted.push(whole[(i * 3 + j) * 5 + k])
        expect([...data]).toEqual(wanted)
      }),
    )
  })

  it('for a whole-matrix strategy', async () => {
    const shape = [20, 12]
    for (const engine of engines) {
      const { data } = await engine.tensor(shape, zeroRows({ rows: [3], strategy: orthogonal() }), {
        name: 'e',
      })
      const plain = (await engine.tensor(shape, orthogonal(), { name: 'e' })).data
      expect([...data]).toEqual([...plain.fill(0, 3 * 12, 4 * 12)])
    }
  })

  it('on several threads', async () => {
    const shape = [3000, 1024]
    const strategy = zeroRows({ rows: [0, 1999, 2999], strategy: normal() })
    const { data } = await wasm.tensor(shape, strategy, { name: 'e' })
    const plain = (await wasm.tensor(shape, normal(), { name: 'e' })).data
    for (const row of [0, 1999, 2999]) plain.fill(0, row * 1024, (row + 1) * 1024)
    expect(Buffer.from(data.buffer).equals(Buffer.from(plain.buffer))).toBe(true)
  })

  it('and reports the standard deviation of all values', async () => {
    for (const strategy of [normal({ mean: 2, std: 0.5 }), uniform({ low: 1, high: 2 }), normal()]) {
      const padded = zeroRows({ rows: [1, 2], strategy })
      const { data } = await wasm.tensor([8, 100_000], padded, { name: 'e' })
      const mean = data.reduce((a, b) => a + b, 0) / data.length
      const variance = data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length
      expect(Math.sqrt(variance) / effectiveStd(resolveDistribution(padded, [8, 100_000]))).toBeCloseTo(1, 2)
    }
  })
})

describe('zeroRows rejects', () => {
  it.each([
    [
      () => zeroRows({ rows: [-1], strategy: normal() }),
      '"rows[0]" must be a safe integer >= 0; received -1',
    ],
    [
      () => zeroRows({ rows: 0 as never, strategy: normal() }),
      '"rows" must be an array of indices; received 0',
    ],
    [
      () => zeroRows({ rows: [0], strategy: zeroRows({ rows: [0], strategy: normal() }) as never }),
      '"strategy.type" must be one of ',
    ],
    [
      () => resolveDistribution(zeroRows({ rows: [0, 4], strategy: normal() }), [4, 2]),
      '"rows" must be below 4; received [0, 4]',
    ],
    [
      () => resolveDistribution(zeroRows({ rows: [0], strategy: normal() })),
      '"shape" must be one dimension or more, since the strategy reads rows; received undefined',
    ],
  ])('%s', (make, sentence) => expect(make).toThrow(sentence))
})
