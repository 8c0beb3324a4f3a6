/**
 * simdinit/random: known answers of the generator, values against their definitions, properties, and statistics. Seeds
 * were fixed in advance; statistical thresholds correspond to p < 1e-6.
 */

import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expm1, log, log1p, normalSurvival } from '../../src/numeric/math.ts'
import { Random, type Floats } from '../../src/random/index.ts'
import { multiplyHigh } from '../../src/random/output-transforms.ts'
import { normalTailQuantile } from '../../src/random/normal-tail-quantile.ts'
import { referenceKey, next, type GeneratorState } from '../support/generator.ts'
import { byTier } from '../support/tier.ts'
import math from '../vectors/math.json' with { type: 'json' }
import vectors from '../vectors/xoshiro256plusplus.json' with { type: 'json' }

const { apache, rust } = vectors
const hex = (word: bigint | string) => BigInt(word).toString(16).padStart(16, '0')
const from = (words: readonly (bigint | string)[]) =>
  Random.restore(`xoshiro256++ ${words.map(hex).join(' ')}`)
const take = (random: Random, count: number) => [...random.bits(new BigUint64Array(count))]
/** A generator whose first output is a word: rotl(s0 + s3, 23) + s0. */
const first = (word: bigint) => from([0n, 1n, 0n, ((word >> 23n) | (word << 41n)) & (2n ** 64n - 1n)])
const anyState = fc
  .tuple(...[0, 1, 2, 3].map(() => fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })))
  .filter((state) => state.some((word) => word !== 0n)) as fc.Arbitrary<GeneratorState>
const anySeed = fc.oneof(fc.maxSafeInteger(), fc.bigInt(), fc.string({ unit: 'grapheme' }))

type Kind = 'uniform' | 'normal' | 'exponential'
const one = (random: Random, kind: Kind) => (random[kind] as Random['uniform'])()
const fill = (random: Random, kind: Kind, target: Floats) => (random[kind] as Random['uniform'])(target)

/** One fill of each kind: [name, fills and returns `count` values]. */
const FILLS: [string, (random: Random, count: number) => Iterable<number | bigint>][] = [
  ['bits in 32', (random, count) => random.bits(new Uint32Array(count))],
  ['bits in 64', (random, count) => random.bits(new BigUint64Array(count))],
  ['integers below 6', (random, count) => random.integers(6, new Uint8Array(count))],
  ['integers below 3 2^30', (random, count) => random.integers(3 * 2 ** 30, new Uint32Array(count))],
  ['integers below 2^52 + 1', (random, count) => random.integers(2 ** 52 + 1, new Float64Array(count))],
  ['uniform f32', (random, count) => random.uniform(new Float32Array(count), { low: -1, high: 2 })],
  ['uniform f64', (random, count) => random.uniform(new Float64Array(count))],
  ['normal f32', (random, count) => random.normal(new Float32Array(count), { mean: 1 })],
  ['normal f64', (random, count) => random.normal(new Float64Array(count), { std: 3 })],
  ['exponential f32', (random, count) => random.exponential(new Float32Array(count))],
  ['exponential f64', (random, count) => random.exponential(new Float64Array(count), { rate: 2 })],
]

describe('the generator', () => {
  it("matches the output of the authors' program, also after a jump and a long jump", () => {
    const words = (list: string[]) => list.map(BigInt)
    expect(take(from(apache.seed), 40)).toEqual(words(apache.sequence))
    expect(take(from(apache.seed).jump(), 40)).toEqual(words(apache.afterJump))
    expect(take(from(apache.seed).longJump(), 40)).toEqual(words(apache.afterLongJump))
    expect(take(from(rust.seed), 10)).toEqual(words(rust.sequence))
  })

  it('starts in the SHA-256 key of the seed, with name and purpose "random"', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        expect(new Random(seed).save()).toBe(
          `xoshiro256++ ${referenceKey(String(seed), 'random', 'random').map(hex).join(' ')}`,
        )
      }),
    )
    expect(new Random().save()).toBe(new Random(0n).save())
    expect(new Random('042').save()).not.toBe(new Random(42).save())
  })

  it('continues exactly where it was saved, also through JSON', () => {
    fc.assert(
      fc.property(anyState, fc.constantFrom(...FILLS), fc.nat(1100), (state, [, fill], count) => {
        const random = from(state)
        fill(random, count)
        const [restored, parsed] = [
          Random.restore(random.save()),
          JSON.parse(JSON.stringify({ random })).random,
        ]
        expect(parsed).toBe(random.save())
        expect(take(restored, 9)).toEqual(take(random, 9))
      }),
    )
  })

  it('is one informative line in console.log', () => {
    const random = new Random(42)
    expect(inspect(random)).toBe(`Random(${random.save()})`)
    expect(inspect({ random })).toBe(`{\n  random: Random(${random.save()})\n}`)
  })

  it('jumps and outputs commute', () => {
    const [a, b] = [new Random(5), new Random(5)]
    take(a.jump(), 7)
    take(b, 7)
    expect(b.jump().save()).toBe(a.save())
    expect(a.longJump().save()).toBe(b.longJump().save())
  })
})

describe.each(FILLS)('%s', (_, fill) => {
  it('filling a and then b values is the same as filling a + b', () => {
    fc.assert(
      fc.property(anyState, fc.nat(1500), fc.nat(1500), (state, a, b) => {
        const [parts, whole] = [from(state), from(state)]
        expect([...fill(parts, a), ...fill(parts, b)]).toEqual([...fill(whole, a + b)])
        expect(parts.save()).toBe(whole.save())
      }),
      { numRuns: byTier(8, 30) },
    )
  })
})

/** Values from known outputs, against their definitions in exact or mpmath arithmetic. */
describe('values', () => {
  const outputs = (state: GeneratorState, count: number) => {
    const s: GeneratorState = [...state]
    return Array.from({ length: count }, () => next(s))
  }
  const COUNT = 600 // more than one chunk

  it('bits are an output, or its upper half', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const draws = outputs(state, COUNT)
        expect(take(from(state), COUNT)).toEqual(draws)
        expect([...from(state).bits(new Uint32Array(COUNT))]).toEqual(draws.map((w) => Number(w >> 32n)))
        expect(from(state).bits()).toBe(draws[0])
      }),
      { numRuns: 20 },
    )
  })

  it('integers are the upper half times n over 2^32, unless the remainder is below 2^32 mod n', () => {
    fc.assert(
      fc.property(
        anyState,
        fc.oneof(fc.integer({ min: 1, max: 2 ** 32 }), fc.constant(3 * 2 ** 30)),
        (state, n) => {
          const products = outputs(state, COUNT).map((w) => (w >> 32n) * BigInt(n))
          const kept = products.filter((product) => product % 2n ** 32n >= 2n ** 32n % BigInt(n))
          expect([...from(state).integers(n, new Float64Array(kept.length))]).toEqual(
            kept.map((product) => Number(product >> 32n)),
          )
        },
      ),
    )
  })

  it('integers are exact if the product has more bits than f64, including just above powers of two', () => {
    const x = fc.integer({ min: 1, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(x, fc.integer({ min: 0, max: 31 }), (x, k) => {
        const n = Math.ceil(2 ** (32 + k) / x)
        fc.pre(n <= 2 ** 32)
        const product = BigInt(x) * BigInt(n)
        expect(multiplyHigh(x, n, Number(product % 2n ** 32n))).toBe(Number(product >> 32n))
      }),
      { numRuns: 3000 },
    )
  })

  it('integers for n > 2^32 are as many upper bits as n - 1 has, if below n', () => {
    fc.assert(
      fc.property(
        anyState,
        fc.integer({ min: 32, max: 53 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (state, k, u) => {
          const n = Math.min(2 ** 53, 2 ** k + 1 + Math.floor(u * (2 ** k - 1)))
          const bits = (n - 1).toString(2).length
          const kept = outputs(state, COUNT)
            .map((w) => Number(w >> BigInt(64 - bits)))
            .filter((x) => x < n)
          expect([...from(state).integers(n, new Float64Array(kept.length))]).toEqual(kept)
        },
      ),
    )
  })

  it('uniform values are the upper 53 bits over 2^53, or 24 bits over 2^24 in f32', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const draws = outputs(state, COUNT)
        expect([...from(state).uniform(new Float64Array(COUNT))]).toEqual(
          draws.map((w) => Number(w >> 11n) / 2 ** 53),
        )
        expect([...from(state).uniform(new Float32Array(COUNT))]).toEqual(
          draws.map((w) => Number(w >> 40n) / 2 ** 24),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('uniform values lie in [low, high), however narrow', () => {
    const bound = fc.double({ min: -1e30, max: 1e30, noNaN: true })
    fc.assert(
      fc.property(anyState, bound, fc.integer({ min: 1, max: 50 }), (state, low, ulps) => {
        const high = low + Math.abs(low) * ulps * 2 ** -52 + Number.MIN_VALUE
        fc.pre(low < high)
        const values = from(state).uniform(new Float64Array(COUNT), { low, high })
        expect(values.every((x) => low <= x && x < high)).toBe(true)
      }),
    )
    fc.assert(
      fc.property(anyState, bound, fc.integer({ min: 2, max: 50 }), (state, low, ulps) => {
        const high = low + Math.abs(low) * ulps * 2 ** -23 + 2 ** -140
        const values = from(state).uniform(new Float32Array(COUNT), { low, high })
        expect(values.every((x) => low <= x && x < high)).toBe(true)
      }),
    )
  })

  it('normal and exponential values increase with the output; normal values are symmetric', () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    expect(first(12345n).bits()).toBe(12345n)
    fc.assert(
      fc.property(word, word, (v, w) => {
        const [low, high] = v < w ? [v, w] : [w, v]
        fc.pre(high !== 0n && low !== high)
        for (const kind of ['normal', 'exponential', 'uniform'] as const) {
          expect(one(first(low), kind)).toBeLessThanOrEqual(one(first(high), kind))
        }
        if (v !== 0n) expect(first(2n ** 64n - 1n - v).normal()).toBe(-first(v).normal())
      }),
    )
    const last = first(2n ** 64n - 1n)
    expect(Random.restore(last.save()).normal()).toBeCloseTo(9.1, 0)
    expect(Random.restore(last.save()).normal()).toBeLessThan(9.3)
    expect(last.exponential()).toBeCloseTo(65 * Math.LN2, 12)
    expect(first(1n).exponential()).toBeCloseTo(1.5 * 2 ** -64, 30)
  })

  it('normal and exponential values are quantiles of the tail at the output', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const draws = outputs(state, COUNT)
        const upper = draws.map((w) => w >= 2n ** 63n)
        const tails = draws.map((w, i) => (Number(upper[i] ? 2n ** 64n - 1n - w : w) + 0.5) / 2 ** 64)
        expect([...from(state).normal(new Float64Array(COUNT))]).toEqual(
          tails.map((p, i) => (upper[i] ? -normalTailQuantile(p) : normalTailQuantile(p))),
        )
        expect([...from(state).exponential(new Float64Array(COUNT))]).toEqual(
          tails.map((p, i) => (upper[i] ? -log(p) : -log1p(-p))),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('the normal quantile function is within 1e-15 from 2^-65 to 1/2', () => {
    expect(math.normalQuantile.length).toBeGreaterThan(600)
    for (const [p, z] of math.normalQuantile) {
      if (!(Math.abs(normalTailQuantile(p) - z) <= 9e-16 * Math.abs(z)))
        expect([p, normalTailQuantile(p)]).toEqual([p, z])
    }
  })

  it('normal and exponential values in f32 are the f64 values, rounded', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        for (const kind of ['normal', 'exponential'] as const) {
          expect(fill(from(state), kind, new Float32Array(COUNT))).toEqual(
            Float32Array.from(fill(from(state), kind, new Float64Array(COUNT))),
          )
        }
      }),
      { numRuns: 10 },
    )
  })

  it('a call without a target returns the value of a Float64Array of length 1', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const one = () => new Float64Array(1)
        expect(from(state).uniform({ low: 3, high: 4 })).toBe(
          from(state).uniform(one(), { low: 3, high: 4 })[0],
        )
        expect(from(state).normal({ mean: 3 })).toBe(from(state).normal(one(), { mean: 3 })[0])
        expect(from(state).exponential({ rate: 3 })).toBe(from(state).exponential(one(), { rate: 3 })[0])
        expect(from(state).integers(2 ** 53)).toBe(from(state).integers(2 ** 53, one())[0])
        expect(from(state).uniform()).toBe(from(state).uniform(one())[0])
      }),
    )
  })

  it('options scale the values: mean + std z, x / rate, low + (high - low) u', () => {
    const z = new Random(1).normal(new Float64Array(99))
    expect(new Random(1).normal(new Float64Array(99), { mean: 5, std: 0.1 })).toEqual(
      z.map((x) => 5 + 0.1 * x),
    )
    expect(new Random(1).normal(new Float64Array(99), { mean: 5, std: 0 })).toEqual(z.fill(5))
    const x = new Random(1).exponential(new Float64Array(99))
    expect(new Random(1).exponential(new Float64Array(99), { rate: 3 })).toEqual(x.map((x) => x / 3))
    const u = new Random(1).uniform(new Float64Array(99))
    expect(new Random(1).uniform(new Float64Array(99), { low: 2, high: 2.5 })).toEqual(
      u.map((u) => 2 + 0.5 * u),
    )
  })

  it('fill the target and nothing else', () => {
    const words = new BigUint64Array(10)
    new Random(1).bits(words.subarray(3, 6))
    expect([...words]).toEqual([0n, 0n, 0n, ...take(new Random(1), 3), 0n, 0n, 0n, 0n])
    const floats = new Float32Array(10)
    const part = floats.subarray(2, 4)
    expect(new Random(1).normal(part)).toBe(part)
    expect(Array.from(floats, (x) => (x === 0 ? 0 : 1)).join('')).toBe('0011000000')
  })
})

describe('a permutation', () => {
  it('contains each integer once', () => {
    fc.assert(
      fc.property(anySeed, fc.nat(1200), (seed, n) => {
        expect(Array.from(new Random(seed).permutation(n)).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: n }, (_, i) => i),
        )
      }),
    )
  })

  it('is the same for arrays of every type', () => {
    fc.assert(
      fc.property(anySeed, fc.nat(900), (seed, n) => {
        const order = new Random(seed).permutation(n)
        const list = Array.from({ length: n }, (_, i) => `${i}`)
        expect(new Random(seed).shuffle(list)).toBe(list)
        expect(list).toEqual([...order].map(String))
        expect(new Random(seed).shuffle(BigInt64Array.from({ length: n }, (_, i) => BigInt(i)))).toEqual(
          BigInt64Array.from(order, BigInt),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('swaps the last element with the one at `integers(n)`, then the next to last, and so on', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 1, max: 700 }), (seed, n) => {
        const [random, oracle] = [new Random(seed), new Random(seed)]
        const expected = Array.from({ length: n }, (_, i) => i)
        for (let left = n; left > 1; left--) {
          const j = oracle.integers(left)
          ;[expected[left - 1], expected[j]] = [expected[j], expected[left - 1]]
        }
        expect([...random.permutation(n)]).toEqual(expected)
        expect(random.save()).toBe(oracle.save())
      }),
    )
  })

  it('rejects an output that would favor an element', () => {
    const [random, later] = [first(5n), first(5n)]
    expect(later.bits()).toBe(5n) // its upper half is 0, one of the values that would make index 0 of 3 too likely
    expect(random.permutation(3)).toEqual(later.permutation(3))
    expect(random.save()).toBe(later.save())
  })

  it('of 4 elements is each of the 24 equally often', () => {
    const random = new Random('orders')
    const counts = new Map<string, number>()
    for (let i = 0; i < 48_000; i++) {
      const order = random.permutation(4).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareBound(23))
  })
})

/** Sum of squared deviations from equal counts, over the expected count. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** What chi-square exceeds with p < 1e-6: Laurent and Massart, "Adaptive estimation" (2000), lemma 1. */
function chiSquareBound(degrees: number): number {
  const x = Math.log(1e6)
  return degrees + 2 * Math.sqrt(degrees * x) + 2 * x
}

const N = 1 << 18

describe('statistics', () => {
  it.each([2, 3, 6, 10, 52, 100, 256])('integers below %i are equally frequent', (n) => {
    const counts = Array.from({ length: n }, () => 0)
    for (const x of new Random('integers').integers(n, new Uint16Array(N))) counts[x]++
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(n - 1))
  })

  it.each([3 * 2 ** 30, 2 ** 32 + 1, 3 * 2 ** 40, 2 ** 53 - 1, 2 ** 53])(
    'integers below %d are in range and equally frequent in 64 intervals',
    (n) => {
      const counts = Array.from({ length: 64 }, () => 0)
      for (const x of new Random('large').integers(n, new Float64Array(N))) {
        if (!(Number.isSafeInteger(x) && x >= 0 && x < n)) expect(x).toBeLessThan(n)
        counts[Math.floor((x / n) * 64)]++
      }
      expect(chiSquare(counts)).toBeLessThan(chiSquareBound(63))
    },
  )

  const DISTRIBUTIONS: [
    string,
    (random: Random, target: Floats) => Floats,
    { cdf: (x: number) => number; mean: number; variance: number; kurtosis: number },
  ][] = [
    [
      'uniform',
      (random, target) => random.uniform(target, { low: -1, high: 2 }),
      { cdf: (x) => (x + 1) / 3, mean: 0.5, variance: 9 / 12, kurtosis: 1.8 },
    ],
    [
      'normal',
      (random, target) => random.normal(target, { mean: 3, std: 0.5 }),
      { cdf: (x) => normalSurvival((3 - x) * 2), mean: 3, variance: 0.25, kurtosis: 3 },
    ],
    [
      'exponential',
      (random, target) => random.exponential(target, { rate: 4 }),
      { cdf: (x) => -expm1(-4 * x), mean: 0.25, variance: 1 / 16, kurtosis: 9 },
    ],
  ]

  describe.each([
    ['f32', Float32Array],
    ['f64', Float64Array],
  ] as const)('in %s', (_, Target) => {
    it.each(DISTRIBUTIONS)(
      '%s values have the expected moments and distribution function',
      (name, draw, law) => {
        const data = draw(new Random(name), new Target(N))
        let [sum, squares] = [0, 0]
        for (const x of data) {
          sum += x - law.mean
          squares += (x - law.mean) ** 2
        }
        const Z = 4.892 // standard errors exceeded with p = 1e-6
        expect(Math.abs(sum / N)).toBeLessThan(Z * Math.sqrt(law.variance / N))
        expect(Math.abs(squares / N / law.variance - 1)).toBeLessThan(Z * Math.sqrt((law.kurtosis - 1) / N))
        // Kolmogorov and Smirnov: 2 exp(-2 x^2) = 1e-6
        let worst = 0
        data.toSorted().forEach((x, i) => (worst = Math.max(worst, Math.abs(law.cdf(x) - (i + 0.5) / N))))
        expect(worst * Math.sqrt(N)).toBeLessThan(Math.sqrt(Math.log(2e6) / 2))
      },
    )
  })

  it('streams one jump apart are uncorrelated', () => {
    const [a, b] = [new Random(9), new Random(9).jump()].map((random) => random.normal(new Float64Array(N)))
    expect(Math.abs(a.reduce((sum, x, i) => sum + x * b[i], 0) / Math.sqrt(N))).toBeLessThan(4.892)
  })
})

describe('invalid arguments', () => {
  const random = new Random(1)
  const before = random.save()
  const f64 = new Float64Array(4)
  const big = 2 ** 53 + 2

  it.each<[string, () => unknown, string]>([
    [
      'an object as seed',
      () => new Random({} as never),
      '"seed" must be a string, a safe integer or a bigint; received an object',
    ],
    [
      'a fractional seed',
      () => new Random(0.5),
      '"seed" must be a safe integer (use a bigint or a string beyond 2^53); received 0.5',
    ],
    ['n 0', () => random.integers(0), '"n" must be an integer from 1 to 9007199254740992; received 0'],
    [
      'n negative',
      () => random.integers(-1),
      '"n" must be an integer from 1 to 9007199254740992; received -1',
    ],
    [
      'n fractional',
      () => random.integers(1.5, f64),
      '"n" must be an integer from 1 to 9007199254740992; received 1.5',
    ],
    [
      'n > 2^53',
      () => random.integers(big),
      `"n" must be an integer from 1 to 9007199254740992; received ${big}`,
    ],
    [
      'n as text',
      () => random.integers('6' as never),
      '"n" must be an integer from 1 to 9007199254740992; received "6"',
    ],
    [
      'n that does not fit',
      () => random.integers(257, new Uint8Array(1)),
      '"n" must be at most 256 to fit the Uint8Array; received 257',
    ],
    [
      'n that does not fit',
      () => random.integers(2 ** 31 + 1, new Int32Array(1)),
      '"n" must be at most 2147483648 to fit the Int32Array; received 2147483649',
    ],
    ['low = high', () => random.uniform(f64, { low: 1 }), '"low" must be below "high" (1); received 1'],
    ['low > high', () => random.uniform({ low: 2, high: 1 }), '"low" must be below "high" (1); received 2'],
    ['low NaN', () => random.uniform(f64, { low: NaN }), '"low" must be a finite number; received NaN'],
    [
      'too wide',
      () => random.uniform(f64, { low: -1e308, high: 1e308 }),
      '"high" must be a bound for which [low, high) is finite in a Float64Array; received [-1e+308, 1e+308]',
    ],
    [
      'too wide for f32',
      () => random.uniform(new Float32Array(1), { high: 1e39 }),
      '"high" must be a bound for which [low, high) is finite in a Float32Array; received [0, 1e+39]',
    ],
    [
      'no f32 between',
      () => random.uniform(new Float32Array(1), { low: 1.00000001, high: 1.00000002 }),
      '"high" must be a bound for which [low, high) contains an f32; received [1.00000001, 1.00000002]',
    ],
    [
      'std negative',
      () => random.normal(f64, { std: -1 }),
      '"std" must be a finite number >= 0; received -1',
    ],
    ['std NaN', () => random.normal({ std: NaN }), '"std" must be a finite number >= 0; received NaN'],
    [
      'std too large',
      () => random.normal(new Float32Array(1), { std: 1e38 }),
      '"std" must be small enough for finite values in a Float32Array; received 1e+38',
    ],
    [
      'mean infinite',
      () => random.normal(f64, { mean: Infinity }),
      '"mean" must be a finite number; received Infinity',
    ],
    ['rate 0', () => random.exponential({ rate: 0 }), '"rate" must be a finite number > 0; received 0'],
    [
      'rate too small',
      () => random.exponential({ rate: 1e-308 }),
      '"rate" must be large enough for finite values in a Float64Array; received 1e-308',
    ],
    [
      'rate negative',
      () => random.exponential(f64, { rate: -1 }),
      '"rate" must be a finite number > 0; received -1',
    ],
    [
      'an unknown option',
      () => random.normal(f64, { sigma: 1 } as never),
      '"options" has no field "sigma"; its fields are mean, std',
    ],
    ['options null', () => random.normal(f64, null as never), '"options" must be an object; received null'],
    [
      'a wrong target',
      () => random.normal(new Uint8Array(1) as never),
      '"target" must be a Float32Array or a Float64Array; received a Uint8Array',
    ],
    [
      'an array',
      () => random.uniform([1, 2] as never),
      '"target" must be a Float32Array or a Float64Array; received [1, 2]',
    ],
    [
      'a wrong target of bits',
      () => random.bits(f64 as never),
      '"target" must be a Uint32Array or a BigUint64Array; received a Float64Array',
    ],
    [
      'a wrong target of integers',
      () => random.integers(6, new Float32Array(1) as never),
      '"target" must be a Uint8Array, Uint16Array, Int32Array, Uint32Array or Float64Array; received a Float32Array',
    ],
    ['n < 0', () => random.permutation(-1), '"n" must be an integer from 0 to 4294967295; received -1'],
    [
      'no array',
      () => random.shuffle('abc' as never),
      '"array" must be an array or a typed array; received "abc"',
    ],
    [
      'a DataView',
      () => random.shuffle(new DataView(new ArrayBuffer(8)) as never),
      '"array" must be an array or a typed array; received a DataView',
    ],
    [
      'zeros',
      () => from([0n, 0n, 0n, 0n]),
      '"state" must be four words that are not all zero; received all zeros',
    ],
    ['no text', () => Random.restore(7 as never), '"state" must be a string; received 7'],
    [
      'another generator',
      () => Random.restore('pcg64 1 2 3 4'),
      '"state" must be "xoshiro256++" followed by four words of 16 hexadecimal digits; received "pcg64 1 2 3 4"',
    ],
    [
      'three words',
      () => from([1n, 2n, 3n]),
      '"state" must be "xoshiro256++" followed by four words of 16 hexadecimal digits; received "xoshiro256++ 0000000000000001 0000000000000002 0000000000..."',
    ],
  ])('%s is an error, and the state does not change', (_, act, message) => {
    expect(act).toThrow(message)
    expect(random.save()).toBe(before)
  })
})
