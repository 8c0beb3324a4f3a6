import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { decode, FORMATS, floorToDtype, ceilToDtype } from '../../src/numeric/dtypes.ts'
import {
  constant,
  createEngine,
  DTYPES,
  heNormal,
  normal,
  SimdinitError,
  truncatedNormal,
  uniform,
  type Dtype,
  type Engine,
  type Slice,
  type Strategy,
  type TensorData,
  type TypedArrayFor,
} from '../../src/index.ts'
import { ENGINES } from '../support/engines.ts'
import { referenceDraws, referenceKey } from '../support/generator.ts'
import { arbitraryStrategy, STRATEGIES } from '../support/strategies.ts'
import { errorOf, rangeError, typeError } from '../support/errors.ts'
import { byTier, pickByTier } from '../support/tier.ts'

const CLOSED = new SimdinitError(
  'ERR_CLOSED',
  'this engine has been closed; create another with createEngine()',
)

/** Compares arrays of bytes as a whole; element by element takes far longer. */
expect.addEqualityTesters([
  (a: unknown, b: unknown) =>
    a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : undefined,
])

const BLOCK = 8192
const NAMED = { seed: 42, name: 'w', shape: [2 ** 20, 2 ** 20] }
const anyDtype = fc.constantFrom(...DTYPES)

/** For each narrow dtype: its significant bits, and the exponent of its smallest positive value. */
const PRECISION = { bf16: [8, -133], f16: [11, -24], f8_e4m3: [4, -9], f8_e5m2: [3, -16] } as const
const NARROW = ['bf16', 'f16', 'f8_e4m3', 'f8_e5m2'] as const

const integer = (min: number, max: number) => fc.integer({ min, max })

/** Indices where errors are likely: small ones, the edges of blocks and chunks, and far beyond them. */
const anyOffset = fc.oneof(
  integer(0, 257),
  fc.tuple(integer(1, 40), integer(-9, 9)).map(([k, by]) => BLOCK * k + by),
  fc.tuple(integer(1, 40), integer(-9, 9)).map(([k, by]) => 2048 * k + by),
  fc.tuple(fc.constantFrom(31, 32, 33, 40, 45), integer(-BLOCK, BLOCK)).map(([log, by]) => 2 ** log + by),
  fc.nat({ max: 2 ** 52 }),
)
const anyLength = fc.oneof(
  integer(0, 257),
  fc.tuple(integer(1, 2), integer(-9, 9)).map(([k, by]) => BLOCK * k + by),
)

function array<D extends Dtype>(dtype: D, length: number): TypedArrayFor<D> {
  return new FORMATS[dtype].arrayType(length) as TypedArrayFor<D>
}

/** The bits of the data: they also distinguish NaNs and zeros. */
function bits(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function values(dtype: Dtype, data: TensorData): Float64Array {
  return Float64Array.from(data, (x) => (dtype === 'f32' ? x : decode(dtype, x)))
}

function filled(
  engine: Engine,
  strategy: Strategy,
  dtype: Dtype,
  offset: number,
  length: number,
): TensorData {
  const data = array(dtype, length)
  // the shape only determines the fans: offsets may lie beyond it
  const { shape, ...named } = NAMED
  const fans = 'mode' in strategy ? { fanIn: shape[1], fanOut: shape[0], ...strategy } : strategy
  try {
    engine.fillSync(data, fans, { ...named, dtype, offset })
  } catch (error) {
    fc.pre(!/value between "low"|exceed the range of f8/.test(String(error))) // the dtype cannot hold the values
    throw error
  }
  return data
}

describe.each(ENGINES)('the engine: %s', (name, make) => contract(name, make))

/** The behavior that every engine shares. */
function contract(name: string, make: (memory?: number) => Promise<Engine>): void {
  let engine: Engine
  let reference: Engine

  beforeAll(async () => {
    engine = await make()
    reference = await createEngine({ backend: 'js' })
  })

  it('reports its backend and threads', () => {
    const { backend, simd, threads, reason, streamVersion } = engine.info
    expect([backend, simd, threads, streamVersion]).toEqual(
      name === 'js' ? ['js', false, 1, 1] : ['wasm', true, name === 'wasm, 3 threads' ? 3 : 1, 1],
    )
    expect(reason).toContain(backend)
  })

  describe('values', () => {
    it("are the draws of the stream's definition, through its transforms", () => {
      const round = Math.fround
      const data = array('f32', 40)
      for (const block of [0, 5, 2 ** 32]) {
        const f = referenceDraws(referenceKey('7', 'x'), BigInt(block), 40).map((draw) =>
          round(round(draw | 0) + 0.5),
        )
        engine.fillSync(data, uniform({ low: -1, high: 3 }), { seed: 7, name: 'x', offset: block * BLOCK })
        const [low, high] = [-1, round(3 - 2 ** -22)]
        expect([...data]).toEqual(f.map((x) => Math.min(high, Math.max(low, round(round(x * 2 ** -30) + 1)))))
      }
    })

    it.each(STRATEGIES)('equal the reference in every dtype, over two blocks: %s', (_, strategy) => {
      for (const dtype of DTYPES) {
        for (const [offset, length] of [
          [0, byTier(BLOCK, 2 * BLOCK) + 3],
          [3, 1100],
          [BLOCK - 5, 10],
          [2 ** 40 * 3 + 1, 33],
        ]) {
          const found = filled(engine, strategy, dtype, offset, length)
          expect(bits(found)).toEqual(bits(filled(reference, strategy, dtype, offset, length)))
        }
      }
    })

    it('equal the reference for any options, offset and length', () => {
      fc.assert(
        fc.property(arbitraryStrategy, anyDtype, anyOffset, anyLength, (strategy, dtype, offset, length) => {
          const found = filled(engine, strategy, dtype, offset, length)
          expect(bits(found)).toEqual(bits(filled(reference, strategy, dtype, offset, length)))
        }),
        { numRuns: byTier(25, 300) },
      )
    })

    it('equal the reference for every length from 0 to 257', () => {
      for (const strategy of [
        normal(),
        uniform(),
        truncatedNormal({ low: 0, high: 1 }),
        constant({ value: 0.1 }),
      ]) {
        for (const dtype of DTYPES) {
          const whole = bits(filled(reference, strategy, dtype, 0, 257))
          for (const n of pickByTier(20, [...Array(258).keys()])) {
            const found = bits(filled(engine, strategy, dtype, 0, n))
            if (Buffer.compare(found, whole.subarray(0, n * FORMATS[dtype].bytes)) !== 0) {
              expect.fail(`${strategy.type} ${dtype} ${n}`)
            }
          }
        }
      }
    })

    it('are the same from a strategy that was parsed from JSON', () => {
      fc.assert(
        fc.property(arbitraryStrategy, (strategy) => {
          const copy = JSON.parse(JSON.stringify(strategy)) as Strategy
          expect(bits(filled(engine, copy, 'f32', 3, 50))).toEqual(
            bits(filled(engine, strategy, 'f32', 3, 50)),
          )
        }),
        { numRuns: byTier(12, 100) },
      )
    })

    it('differ almost everywhere for another seed or name', () => {
      const fill = (seed: number | string, name: string) => {
        const data = array('f32', 1000)
        engine.fillSync(data, normal(), { seed, name })
        return data
      }
      const first = fill(1, 'a')
      expect(bits(fill('1', 'a'))).toEqual(bits(first))
      for (const other of [fill(2, 'a'), fill(1, 'b'), fill('01', 'a'), fill(-1, 'a')]) {
        expect(other.filter((x, i) => x === first[i]).length).toBeLessThan(3)
      }
    })

    it('use seed 0 by default', () => {
      const [byDefault, withZero] = [array('f32', 99), array('f32', 99)]
      engine.fillSync(byDefault, normal(), { name: 'w' })
      engine.fillSync(withZero, normal(), { name: 'w', seed: '0' })
      expect(bits(byDefault)).toEqual(bits(withZero))
    })
  })

  describe('fills', () => {
    it('equal the concatenation of two fills, split anywhere', () => {
      fc.assert(
        fc.property(
          arbitraryStrategy,
          anyDtype,
          anyOffset,
          anyLength,
          fc.double({ min: 0, max: 1, noNaN: true }),
          (strategy, dtype, offset, length, where) => {
            const split = Math.round(where * length)
            const whole = filled(engine, strategy, dtype, offset, length)
            const parts = array(dtype, length)
            parts.set(filled(engine, strategy, dtype, offset, split))
            parts.set(filled(engine, strategy, dtype, offset + split, length - split), split)
            expect(bits(parts)).toEqual(bits(whole))
          },
        ),
        { numRuns: byTier(20, 200) },
      )
    })

    it('are prefixes of longer fills', () => {
      fc.assert(
        fc.property(
          arbitraryStrategy,
          anyDtype,
          anyLength,
          integer(0, 300),
          (strategy, dtype, length, more) => {
            const short = filled(engine, strategy, dtype, 0, length)
            const long = filled(engine, strategy, dtype, 0, length + more)
            expect(bits(long.subarray(0, length))).toEqual(bits(short))
          },
        ),
        { numRuns: byTier(12, 100) },
      )
    })

    it('write nothing outside their target, at any alignment, in plain and in engine memory', () => {
      const allocation = engine.lend(20000, 'bf16')
      const own = new Uint16Array(20000)
      fc.assert(
        fc.property(
          arbitraryStrategy,
          anyDtype,
          integer(0, 33),
          fc.oneof(integer(0, 257), integer(BLOCK - 3, BLOCK + 3)),
          anyOffset,
          (strategy, dtype, place, length, offset) => {
            const expected = filled(reference, strategy, dtype, offset, length)
            for (const memory of [allocation.data, own]) {
              const { bytes, arrayType } = FORMATS[dtype]
              bits(memory).fill(0xa5)
              const target = new arrayType(
                memory.buffer as ArrayBuffer,
                memory.byteOffset + place * bytes,
                length,
              )
              const fans = 'mode' in strategy ? { fanIn: 2 ** 20, fanOut: 2 ** 20, ...strategy } : strategy
              engine.fillSync(target, fans, { seed: 42, name: 'w', dtype, offset })
              expect(bits(target)).toEqual(bits(expected))
              const [before, after] = [place * bytes, (place + length) * bytes]
              const guards = [bits(memory).subarray(0, before), bits(memory).subarray(after)]
              expect(guards.every((guard) => guard.every((byte) => byte === 0xa5))).toBe(true)
            }
          },
        ),
        { numRuns: byTier(12, 100) },
      )
      allocation.release()
    })

    it('are the same when asynchronous', async () => {
      await fc.assert(
        fc.asyncProperty(
          arbitraryStrategy,
          anyDtype,
          anyOffset,
          anyLength,
          async (strategy, dtype, offset, length) => {
            const expected = filled(engine, strategy, dtype, offset, length)
            const data = array(dtype, length)
            const fans = 'mode' in strategy ? { fanIn: 2 ** 20, fanOut: 2 ** 20, ...strategy } : strategy
            await engine.fill(data, fans, { seed: 42, name: 'w', dtype, offset })
            expect(bits(data)).toEqual(bits(expected))
          },
        ),
        { numRuns: byTier(10, 50) },
      )
    })

    it('are the same when they are long enough to be split into chunks', async () => {
      const [data, alone] = [array('f32', 2 ** 19 + 77), array('f32', 2 ** 19 + 77)]
      await engine.fill(data, normal(), { name: 'w', offset: 12345 })
      engine.fillSync(alone, normal(), { name: 'w', offset: 12345 })
      expect(Buffer.compare(bits(data), bits(alone))).toBe(0)
    })

    it('do not disturb each other when they run concurrently', async () => {
      const length = 2 ** 19
      const requests = [normal(), uniform(), truncatedNormal({ low: 1 })].map((strategy, i) => ({
        strategy,
        options: { name: `w${i}` },
        data: array('f32', length),
      }))
      await Promise.all(requests.map(({ data, strategy, options }) => engine.fill(data, strategy, options)))
      for (const { data, strategy, options } of requests) {
        const alone = array('f32', length)
        engine.fillSync(alone, strategy, options)
        expect(Buffer.compare(bits(data), bits(alone))).toBe(0)
      }
    })

    it('reach the last possible element, and reject what lies beyond it', () => {
      const last = Number.MAX_SAFE_INTEGER
      const data = filled(engine, normal(), 'f32', last - 4, 4)
      expect(bits(data)).toEqual(bits(filled(reference, normal(), 'f32', last - 4, 4)))
      expect(() => filled(engine, normal(), 'f32', last - 3, 4)).toThrow(
        rangeError(
          `"target" must end within the ${last} elements of the tensor; received elements ${last - 3} to ${last + 1}`,
        ),
      )
    })

    it('stay within the shape, if one is given', () => {
      const data = array('f32', 5).fill(9)
      const beyond = () => engine.fillSync(data, normal(), { name: 'w', shape: [4, 4], offset: 12 })
      expect(beyond).toThrow(
        rangeError('"target" must end within the 16 elements of the tensor; received elements 12 to 17'),
      )
      expect([...data]).toEqual([9, 9, 9, 9, 9])
    })
  })

  describe('a slice of a fill', () => {
    const anySlice = fc
      .array(fc.tuple(integer(0, 9), integer(0, 9), integer(0, 3)), { minLength: 1, maxLength: 4 })
      .map((axes) => ({
        shape: axes.map(([a, b, c]) => Math.max(a, b) + c),
        slice: axes.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
      }))

    it('equals the fill of the slice, on 1 to 4 axes, including empty ones', () => {
      fc.assert(
        fc.property(anySlice, anyDtype, fc.boolean(), ({ shape, slice }, dtype, lend) => {
          const size = shape.reduce((product, n) => product * n, 1)
          const whole = filled(engine, normal(), dtype, 0, size)
          const expected = cutOut(whole, shape, slice)
          const allocation = lend ? engine.lend(expected.length, dtype) : undefined
          const data = allocation ? allocation.data : array(dtype, expected.length)
          engine.fillSync(data, normal(), { seed: 42, name: 'w', dtype, shape, slice })
          expect([...data]).toEqual(expected)
          allocation?.release()
        }),
        { numRuns: byTier(50, 300) },
      )
    })

    it('equals it on so many rows that the generator jumps between them', () => {
      const [shape, columns] = [
        [600, 8190],
        [5000, 5003],
      ] as const
      const slice = [[0, 600], columns] as const
      const [whole, part] = [new Float32Array(600 * 8190), new Float32Array(600 * 3)]
      engine.fillSync(whole, normal(), { name: 'w' })
      for (let twice = 0; twice < 2; twice++) engine.fillSync(part, normal(), { name: 'w', shape, slice })
      expect(part).toEqual(
        Float32Array.from(
          { length: part.length },
          (_, i) => whole[8190 * Math.floor(i / 3) + 5000 + (i % 3)],
        ),
      )
    })

    it('of a tensor has the shape of the slice', async () => {
      const slice: Slice = [
        [1, 3],
        [0, 40],
      ]
      const whole = await engine.tensor([5, 40], heNormal(), { name: 'w' })
      const part = await engine.tensor([5, 40], heNormal(), { name: 'w', slice })
      expect(part.shape).toEqual([2, 40])
      expect(bits(part.data)).toEqual(bits(whole.data.subarray(40, 120)))
    })

    it('of a tensor without axes is its one element', async () => {
      const { data, shape } = await engine.tensor([], normal(), { name: 'w', slice: [] })
      expect(shape).toEqual([])
      expect([...data]).toEqual([...filled(engine, normal(), 'f32', 0, 1)].map(() => data[0]))
      expect(data).toHaveLength(1)
    })

    it.each<[string, Slice, string]>([
      ['too few axes', [[0, 1]], '"slice" must be 2 pairs, one per axis of the shape; received [[0, 1]]'],
      [
        'an end past the axis',
        [
          [0, 1],
          [0, 6],
        ],
        '"slice[1][1]" must be an integer from 0 to 5; received 6',
      ],
      [
        'an end before the start',
        [
          [3, 2],
          [0, 5],
        ],
        '"slice[0][1]" must be an integer from 3 to 4; received 2',
      ],
      [
        'a target of a different length',
        [
          [0, 1],
          [0, 5],
        ],
        '"target" must be an array of 5 elements, those of the slice; received 1',
      ],
    ])('is rejected for %s', (_, slice, message) => {
      const data = array('f32', 1).fill(9)
      expect(() => engine.fillSync(data, normal(), { name: 'w', shape: [4, 5], slice })).toThrow(
        rangeError(message),
      )
      expect(data[0]).toBe(9)
    })
  })

  describe('dtypes', () => {
    it.each(NARROW)('%s: values are the f32 values, rounded to nearest even', (dtype) => {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.double({ min: -4, max: 4, noNaN: true }).map((mean) => normal({ mean, std: 0.3 })),
            fc.integer({ min: -20, max: 4 }).map((log) => normal({ std: 2 ** log })), // down to the subnormals of f16
          ),
          anyOffset,
          (strategy, offset) => {
            const exact = values('f32', filled(engine, strategy, 'f32', offset, 300))
            const stored = values(dtype, filled(engine, strategy, dtype, offset, 300))
            expect([...stored]).toEqual(Array.from(exact, (x) => nearest(dtype, x)))
          },
        ),
        { numRuns: byTier(25, 100) },
      )
    })

    it.each(NARROW)('%s: bounded values are the f32 values, rounded, then clamped', (dtype) => {
      const anyBounds = fc
        .tuple(fc.double({ min: -3, max: 2.5, noNaN: true }), fc.double({ min: 0.05, max: 3, noNaN: true }))
        .map(([low, width]) => ({ low, high: low + width }))
      fc.assert(
        fc.property(anyBounds, fc.boolean(), anyOffset, (bounds, cut, offset) => {
          const strategy = cut ? truncatedNormal(bounds) : uniform(bounds)
          const [lowest, highest] = [ceilToDtype(dtype, bounds.low), floorToDtype(dtype, bounds.high, !cut)]
          const exact = values('f32', filled(engine, strategy, 'f32', offset, 300))
          const stored = values(dtype, filled(engine, strategy, dtype, offset, 300))
          const expected = Array.from(exact, (x) => Math.min(highest, Math.max(lowest, nearest(dtype, x))))
          expect([...stored].map((x) => x + 0)).toEqual(expected.map((x) => x + 0))
        }),
        { numRuns: byTier(25, 100) },
      )
    })

    it.each(DTYPES)('%s: uniform values stay below high and do not fall below low', (dtype) => {
      // narrow and asymmetric intervals, where rounding is most likely to reach a bound
      const intervals = [
        [0, 1],
        [-1, 1],
        [1, 1.05],
        [-0.3, -0.1],
        [1000, 1010],
        [200, 250],
        [-1e-3, 1],
        [0.1, 0.3],
      ]
      const held = intervals.filter(
        ([low, high]) =>
          high <= FORMATS[dtype].max && ceilToDtype(dtype, low) <= floorToDtype(dtype, high, true),
      )
      for (const [low, high] of pickByTier(3, held)) {
        const found = values(dtype, filled(engine, uniform({ low, high }), dtype, 0, byTier(20_000, 100_000)))
        expect(found.reduce((a, b) => Math.min(a, b))).toBeGreaterThanOrEqual(low)
        expect(found.reduce((a, b) => Math.max(a, b))).toBeLessThan(high)
      }
    })

    it.each(DTYPES)('%s: truncated normals stay within their bounds', (dtype) => {
      const intervals = [
        [-0.04, 0.04],
        [0.1, 0.3],
        [3, 4],
        [-6, -5],
        [-1, 3],
      ]
      for (const [low, high] of pickByTier(2, intervals)) {
        const found = values(
          dtype,
          filled(engine, truncatedNormal({ low, high }), dtype, 0, byTier(20_000, 50_000)),
        )
        expect(found.reduce((a, b) => Math.min(a, b))).toBeGreaterThanOrEqual(low)
        expect(found.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(high)
      }
    })

    it('truncated normals with bounds of 10 standard deviations or more equal normals, bit for bit', () => {
      fc.assert(
        fc.property(
          fc.double({ min: 10, max: 1e6, noNaN: true }),
          fc.double({ min: 1e-6, max: 0.06, noNaN: true }),
          anyDtype,
          anyOffset,
          (sigmas, std, dtype, offset) => {
            const bound = sigmas * std
            const cut = filled(engine, truncatedNormal({ std, low: -bound, high: bound }), dtype, offset, 500)
            expect(bits(cut)).toEqual(bits(filled(engine, normal({ std }), dtype, offset, 500)))
          },
        ),
        { numRuns: byTier(25, 100) },
      )
      const [cut, plain] = [truncatedNormal(), normal()].map((s) => filled(engine, s, 'f32', 0, 20000))
      expect(bits(cut)).toEqual(bits(plain))
    })

    it.each([
      ['f16', 60000],
      ['f8_e4m3', 400],
      ['f8_e5m2', 50000],
    ] as const)('%s: accepted strategies give finite values, even in the far tails', (dtype, most) => {
      const { maxBits, bytes } = FORMATS[dtype]
      const anyCut = fc.tuple(
        fc.double({ min: most / 600, max: most, noNaN: true }),
        fc.double({ min: -8, max: 8, noNaN: true }),
      )
      fc.assert(
        fc.property(anyCut, fc.boolean(), anyOffset, ([std, z], upper, offset) => {
          const strategy = truncatedNormal(upper ? { std, low: z * std } : { std, high: z * std })
          let found
          try {
            found = array(dtype, 2000)
            engine.fillSync(found, strategy, { seed: 42, name: 'w', dtype, offset })
          } catch (error) {
            if (error instanceof RangeError) return
            throw error
          }
          expect(found.every((pattern) => pattern % 2 ** (8 * bytes - 1) <= maxBits)).toBe(true)
        }),
        { numRuns: byTier(10, 50) },
      )
    })

    it('reject a target whose type does not fit', () => {
      const fillInto = (target: unknown, dtype: unknown) => () =>
        engine.fillSync(target as TensorData, normal(), { name: 'w', dtype: dtype as Dtype })
      expect(fillInto(new Uint16Array(1), undefined)).toThrow(
        typeError(`"dtype" must be 'bf16' or 'f16' for a Uint16Array; received undefined`),
      )
      expect(fillInto(new Uint16Array(1), 'f32')).toThrow(
        typeError('"target" must be a Float32Array for dtype f32; received a Uint16Array'),
      )
      expect(fillInto(new Uint16Array(1), 'f8_e4m3')).toThrow(
        typeError('"target" must be a Uint8Array for dtype f8_e4m3; received a Uint16Array'),
      )
      expect(fillInto(new Uint8ClampedArray(1), 'f8_e5m2')).toThrow(TypeError)
      expect(fillInto(new Float32Array(1), 'f16')).toThrow(
        typeError('"target" must be a Uint16Array for dtype f16; received a Float32Array'),
      )
      expect(fillInto([0, 0], 'f32')).toThrow(
        typeError(
          '"target" must be a Float32Array, a Uint16Array for bf16 and f16, or a Uint8Array for f8_e4m3 and f8_e5m2; received [0, 0]',
        ),
      )
      expect(fillInto(new Float32Array(1), 'f64')).toThrow(
        rangeError(`"dtype" must be one of 'f32', 'bf16', 'f16', 'f8_e4m3', 'f8_e5m2'; received "f64"`),
      )
    })
  })

  describe('tensors', () => {
    it('own their buffer', async () => {
      for (const dtype of DTYPES) {
        const { data, ...rest } = await engine.tensor([3, 5], normal(), { seed: 42, name: 'w', dtype })
        expect(rest).toEqual({ shape: [3, 5], dtype, name: 'w' })
        expect(data).toBeInstanceOf(FORMATS[dtype].arrayType)
        expect(data.buffer).toBeInstanceOf(ArrayBuffer)
        expect([data.byteOffset, data.buffer.byteLength]).toEqual([0, 15 * FORMATS[dtype].bytes])
        expect(bits(data)).toEqual(bits(filled(engine, normal(), dtype, 0, 15)))
      }
    })

    it('use a SharedArrayBuffer on request', async () => {
      const { data } = await engine.tensor([300], normal(), { seed: 42, name: 'w', shared: true })
      expect(data.buffer).toBeInstanceOf(SharedArrayBuffer)
      expect([...data]).toEqual([...filled(engine, normal(), 'f32', 0, 300)])
    })

    it('created as a list equal those created one by one, in the order of the list', async () => {
      const target = new Uint16Array(12)
      const list = [
        { shape: [40, 30], strategy: heNormal(), name: 'a', seed: 'x' },
        { shape: [7], strategy: uniform(), name: 'b', dtype: 'f16' as const, shared: true },
        { shape: [4, 3], strategy: normal(), name: 'c', dtype: 'bf16' as const, target },
        { shape: [0, 3], strategy: normal(), name: 'd' },
        { shape: [9, 9], strategy: normal(), name: 'e', slice: [[1, 2] as const, [3, 9] as const] },
        { shape: [40, 30], strategy: heNormal(), name: 'a', seed: 'x', layout: 'io' as const },
      ]
      const many = await engine.tensors(list, { allowDuplicateNames: true })
      expect(many[2].data).toBe(target)
      for (const [i, { shape, strategy, target: _, ...options }] of list.entries()) {
        const single = await engine.tensor(shape, strategy, options)
        expect(many[i]).toEqual(single)
      }
      expect(await engine.tensors([])).toEqual([])
    })

    it('in a list have their own fans and dtype, even after one with the same strategy', async () => {
      const [fanned, fixed] = [heNormal(), constant({ value: 0.1 })]
      const list = [
        { shape: [40, 30], strategy: fanned },
        { shape: [40, 30], strategy: fanned, layout: 'io' as const },
        { shape: [30, 40], strategy: fanned, layout: 'io' as const },
        { shape: [30, 40], strategy: fanned },
        { shape: [30, 40, 2], strategy: fanned },
        { shape: [30], strategy: fixed },
        { shape: [30], strategy: fixed, dtype: 'bf16' as const },
        { shape: [30], strategy: fixed, dtype: 'f16' as const },
      ].map((item) => ({ ...item, name: 'w' }))
      const many = await engine.tensors(list, { allowDuplicateNames: true })
      for (const [i, { shape, strategy, ...options }] of list.entries()) {
        expect(many[i]).toEqual(await engine.tensor(shape, strategy, options))
      }
    })

    it('in a list are all checked before the first one is written', async () => {
      const target = new Float32Array(4).fill(9)
      const list = [
        { shape: [4], strategy: normal(), name: 'a', target },
        { shape: [4], strategy: normal(), name: '' },
      ]
      await expect(engine.tensors(list)).rejects.toThrow(RangeError)
      expect([...target]).toEqual([9, 9, 9, 9])
    })

    it.each<[unknown, new (message: string) => Error, string]>([
      [[2, -1], RangeError, '"shape[1]" must be a safe integer >= 0; received -1'],
      [[2.5], RangeError, '"shape[0]" must be a safe integer >= 0; received 2.5'],
      [['2'], TypeError, '"shape[0]" must be a safe integer >= 0; received "2"'],
      [7, TypeError, '"shape" must be an array of dimensions; received 7'],
      [
        [2 ** 30, 2 ** 30],
        RangeError,
        '"shape" must be fewer than 2^53 elements; received [1073741824, 1073741824]',
      ],
    ])('of shape %j are rejected', async (shape, kind, message) => {
      await expect(engine.tensor(shape as number[], normal(), { name: 'w' })).rejects.toThrow(
        errorOf(kind, message),
      )
    })

    it('require a name, and reject unknown options', async () => {
      const tensor = (options: object) => engine.tensor([2], normal(), options as { name: string })
      await expect(tensor({})).rejects.toThrow(typeError('"name" must be a string; received undefined'))
      await expect(tensor({ name: 'w', sed: 1 })).rejects.toThrow(
        typeError(
          '"options" has no field "sed"; its fields are seed, name, dtype, layout, shared, slice, signal, onProgress (did you mean "seed"?)',
        ),
      )
      await expect(tensor({ name: 'w', signal: 3 })).rejects.toThrow(
        typeError('"signal" must be an AbortSignal; received 3'),
      )
      await expect(tensor({ name: 'w', onProgress: 3 })).rejects.toThrow(
        typeError('"onProgress" must be a function; received 3'),
      )
    })
  })

  describe('allocated memory', () => {
    it('is filled with the same bytes', () => {
      fc.assert(
        fc.property(arbitraryStrategy, anyDtype, anyOffset, anyLength, (strategy, dtype, offset, length) => {
          const expected = filled(reference, strategy, dtype, offset, length)
          const allocation = engine.lend(length, dtype)
          const fans = 'mode' in strategy ? { fanIn: 2 ** 20, fanOut: 2 ** 20, ...strategy } : strategy
          engine.fillSync(allocation.data, fans, { seed: 42, name: 'w', dtype, offset })
          expect(bits(allocation.data)).toEqual(bits(expected))
          allocation.release()
        }),
        { numRuns: byTier(25, 100) },
      )
    })

    it('is not copied: two allocations share one buffer and do not overlap', () => {
      const [a, b] = [engine.lend(1000), engine.lend(1000)]
      expect(a.data.buffer).toBe(b.data.buffer)
      const [first, second] = [a, b].map(({ data }) => data.byteOffset).toSorted((x, y) => x - y)
      expect(second - first).toBeGreaterThanOrEqual(4000)
      a.release()
      b.release()
    })

    it('throws after its release, and views kept elsewhere read NaN', () => {
      for (const dtype of DTYPES) {
        const allocation = engine.lend(100, dtype)
        const view = allocation.data
        engine.fillSync(view, normal(), { name: 'w', dtype })
        allocation.release()
        expect(() => allocation.data).toThrow('this memory has been released')
        expect([...values(dtype, view)].every((x) => Number.isNaN(x) || dtype !== 'f32')).toBe(true)
        expect(bits(view).every((byte) => byte === 0xff)).toBe(true) // a NaN in every dtype
        allocation.release()
      }
    })

    it('survives a second release of the region that it reuses', () => {
      const first = engine.lend(100)
      first.release()
      const second = engine.lend(100)
      engine.fillSync(second.data, normal(), { name: 'w' })
      first.release()
      expect(second.data.some(Number.isNaN)).toBe(false)
      second.release()
    })

    it('is available again after its release in any order, and free regions merge', async () => {
      const small = await make(2 ** 20)
      const most = free(small)
      const third = Math.floor(most / 3 / 64) * 64
      const regions = [0, 1, 2].map(() => small.lend(third))
      expect(() => small.lend(third)).toThrow(RangeError)
      for (const i of [1, 0, 2]) regions[i].release()
      expect(free(small)).toBe(most)
      small.lend(most).release()
    })

    it('throws where more is requested than is free, and reports how much is free', async () => {
      const small = await make(2 ** 20)
      const most = free(small)
      expect(() => small.lend(most + 1)).toThrow(
        rangeError(
          `"length" must be at most the ${most} elements that are free (see createEngine's memory); received ${most + 1}`,
        ),
      )
      const all = small.lend(most)
      expect(all.data).toHaveLength(most)
      small.fillSync(all.data, normal(), { name: 'w' })
      const own = array('f32', most)
      small.fillSync(own, normal(), { name: 'w' })
      expect(Buffer.compare(bits(own), bits(all.data))).toBe(0)
      expect(() => small.lend(1)).toThrow(RangeError)
      expect(() => small.lend(-1)).toThrow(rangeError('"length" must be a safe integer >= 0; received -1'))
    })

    /** How many f32 an engine can allocate at once, according to its own error message. */
    function free(engine: Engine): number {
      try {
        engine.lend(2 ** 40)
      } catch (error) {
        return Number(/the (\d+) elements/.exec((error as Error).message)?.[1])
      }
      return expect.fail('2^40 elements were lent')
    }
  })

  describe('asynchronous calls', () => {
    const long = { name: 'w', shape: [2 ** 21] }

    it('reject with the reason of their signal, before they begin', async () => {
      const data = array('f32', 10).fill(9)
      const reason = new Error('not wanted')
      const { signal } = new AbortController()
      await engine.fill(data, normal(), { ...long, signal })
      data.fill(9)
      const aborted = AbortSignal.abort(reason)
      await expect(engine.fill(data, normal(), { ...long, signal: aborted })).rejects.toBe(reason)
      await expect(engine.tensor([10], normal(), { name: 'w', signal: aborted })).rejects.toBe(reason)
      await expect(
        engine.tensors([{ shape: [10], strategy: normal(), name: 'w' }], { signal: aborted }),
      ).rejects.toBe(reason)
      expect([...data]).toEqual(Array.from({ length: 10 }, () => 9))
    })

    it('reject with the reason of their signal, while they run', async () => {
      const controller = new AbortController()
      const reason = new Error('enough')
      const list = Array.from({ length: 4096 }, (_, i) => ({
        shape: [2 ** 18],
        strategy: normal(),
        name: `w${i}`,
        target,
      }))
      const onProgress = () => controller.abort(reason)
      await expect(engine.tensors(list, { signal: controller.signal, onProgress })).rejects.toBe(reason)
    })

    it('report progress that never decreases and ends at the total', async () => {
      const seen: { done: number; total: number }[] = []
      const onProgress = (progress: { done: number; total: number }) => seen.push({ ...progress })
      await engine.fill(array('f32', 2 ** 21), normal(), { ...long, onProgress })
      expect(seen.at(-1)).toEqual({ done: 2 ** 21, total: 2 ** 21 })
      expect(seen.every(({ done, total }, i) => total === 2 ** 21 && done >= (seen[i - 1]?.done ?? 0))).toBe(
        true,
      )
      seen.length = 0
      await engine.tensors(
        [3, 4].map((n) => ({ shape: [n, n], strategy: normal(), name: `w${n}` })),
        { onProgress },
      )
      expect(seen.at(-1)).toEqual({ done: 25, total: 25 })
    })

    const target = new Float32Array(2 ** 18)
  })

  describe('a closed engine', () => {
    it('rejects every call', async () => {
      const closing = await make(2 ** 20)
      await closing.close()
      const data = array('f32', 4).fill(9)
      expect(() => closing.fillSync(data, normal(), { name: 'w' })).toThrow(CLOSED)
      expect(() => closing.lend(4)).toThrow(CLOSED)
      await expect(closing.fill(data, normal(), { name: 'w' })).rejects.toThrow(CLOSED)
      await expect(closing.tensor([4], normal(), { name: 'w' })).rejects.toThrow(CLOSED)
      await expect(closing.tensors([{ shape: [4], strategy: normal(), name: 'w' }])).rejects.toThrow(CLOSED)
      expect([...data]).toEqual([9, 9, 9, 9])
      await closing.close()
    })

    it('rejects the calls that are still running', async () => {
      const closing = await make(2 ** 20)
      const target = new Float32Array(2 ** 18) // one target for all: 4096 of them would take 4 GB
      const list = Array.from({ length: 4096 }, (_, i) => ({
        shape: [2 ** 18],
        strategy: normal(),
        name: `w${i}`,
        target,
      }))
      const onProgress = () => void closing.close()
      await expect(closing.tensors(list, { onProgress })).rejects.toThrow(CLOSED)
    })
  })
}

/** The elements of a slice, collected one by one. */
function cutOut(whole: TensorData, shape: readonly number[], slice: Slice): number[] {
  const out: number[] = []
  for (let at = 0; at < whole.length; at++) {
    let rest = at
    let inside = true
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis]
      rest = Math.floor(rest / shape[axis])
      inside &&= index >= slice[axis][0] && index < slice[axis][1]
    }
    if (inside) out.push(whole[at])
  }
  return out
}

/** The value of the dtype nearest to x, ties to even. It compares values and does not use bit patterns. */
function nearest(dtype: keyof typeof PRECISION, x: number): number {
  const magnitude = Math.abs(x)
  const [digits, lowest] = PRECISION[dtype]
  const exponent = Math.max(Math.floor(Math.log2(magnitude)) - digits + 1, lowest)
  const units = magnitude / 2 ** exponent
  const floor = Math.floor(units)
  const up = units - floor > 0.5 || (units - floor === 0.5 && floor % 2 === 1)
  return Math.sign(x) * (floor + (up ? 1 : 0)) * 2 ** exponent
}

describe('createEngine', () => {
  it.each<[object, new (message: string) => Error, string]>([
    [{ backend: 'gpu' }, RangeError, `"backend" must be one of 'auto', 'wasm', 'js'; received "gpu"`],
    [{ threads: 0 }, RangeError, '"threads" must be an integer from 1 to 256; received 0'],
    [{ threads: 'many' }, TypeError, '"threads" must be an integer from 1 to 256; received "many"'],
    [{ memory: 5 }, RangeError, '"memory" must be an integer from 1048576 to 4294967296; received 5'],
    [{ worker: {} }, TypeError, '"worker" must be a function; received an object'],
    [
      { wasm: 'kernel.wasm' },
      TypeError,
      '"wasm" must be a URL, a Response, bytes or a WebAssembly.Module; received "kernel.wasm"',
    ],
    [
      { thread: 1 },
      TypeError,
      '"options" has no field "thread"; its fields are backend, threads, memory, wasm, worker (did you mean "threads"?)',
    ],
  ])('rejects %j', async (options, kind, message) => {
    await expect(createEngine(options)).rejects.toThrow(errorOf(kind, message))
  })

  it('does not fall back to js where the given bytes are not a WebAssembly module', async () => {
    await expect(createEngine({ wasm: new Uint8Array(8) })).rejects.toThrow(WebAssembly.CompileError)
    await expect(createEngine({ wasm: new Response('', { status: 404 }) })).rejects.toThrow('status 404')
  })

  it('accepts different numbers of threads, with the same result', async () => {
    const engine = await createEngine({ threads: 3 })
    expect(bits(filled(engine, normal(), 'f32', 5, 99))).toEqual(
      bits(filled(await createEngine(), normal(), 'f32', 5, 99)),
    )
  })
})
