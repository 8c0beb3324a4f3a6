import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Xoshiro256PlusPlus } from '../../src/rng/xoshiro.ts'
import { next, splitMix, type GeneratorState } from '../support/generator.ts'
import { rangeError } from '../support/errors.ts'
import vectors from '../vectors/xoshiro256plusplus.json' with { type: 'json' }

const { apache, rust, computed, splitmix64 } = vectors

const words = (list: string[]) => list.map(BigInt)
const take = (generator: Xoshiro256PlusPlus, count: number) =>
  Array.from({ length: count }, () => generator.next())

describe('xoshiro256++', () => {
  it("gives the 40 outputs of the authors' program", () => {
    expect(apache.sequence).toHaveLength(40)
    expect(take(new Xoshiro256PlusPlus(words(apache.seed)), 40)).toEqual(words(apache.sequence))
  })

  it("gives the 40 outputs of the authors' program after a jump", () => {
    const generator = new Xoshiro256PlusPlus(words(apache.seed))
    generator.jump()
    expect(apache.afterJump).toHaveLength(40)
    expect(take(generator, 40)).toEqual(words(apache.afterJump))
  })

  it("gives the 40 outputs of the authors' program after a long jump", () => {
    const generator = new Xoshiro256PlusPlus(words(apache.seed))
    generator.longJump()
    expect(apache.afterLongJump).toHaveLength(40)
    expect(take(generator, 40)).toEqual(words(apache.afterLongJump))
  })

  it('gives the published outputs of the state [1, 2, 3, 4]', () => {
    expect(take(new Xoshiro256PlusPlus(words(rust.seed)), 10)).toEqual(words(rust.sequence))
  })

  it.each(['jump', 'longJump'] as const)('reaches the known state after a %s', (leap) => {
    const generator = new Xoshiro256PlusPlus([1n, 2n, 3n, 4n])
    generator[leap]()
    expect(generator.state).toEqual(words(computed[leap].state))
    expect(take(generator, 4)).toEqual(words(computed[leap].sequence))
  })

  it('gives a million outputs with the known SHA-256', () => {
    const out = new Int32Array(2e6)
    new Xoshiro256PlusPlus([1n, 2n, 3n, 4n]).writeOutputs(out, 0, 2, 1e6)
    const digest = createHash('sha256').update(new Uint8Array(out.buffer)).digest('hex')
    expect(digest).toBe(computed.million.sha256)
  })

  it('equals the definition in BigInt from any state', () => {
    fc.assert(
      fc.property(anyState, fc.integer({ min: 1, max: 200 }), (state, count) => {
        const oracle: GeneratorState = [...state]
        const generator = new Xoshiro256PlusPlus(state)
        expect(take(generator, count)).toEqual(Array.from({ length: count }, () => next(oracle)))
        expect(generator.state).toEqual(oracle)
      }),
    )
  })

  it('also accepts its state as 32-bit halves, and does not retain the array', () => {
    const halves = Int32Array.of(1, 0, 2, 0, 3, 0, 4, -1)
    const generator = new Xoshiro256PlusPlus(halves)
    halves.fill(0)
    expect(generator.state).toEqual([1n, 2n, 3n, 0xffffffff00000004n])
  })

  it('skips a given number of outputs', () => {
    fc.assert(
      fc.property(anyState, fc.integer({ min: 0, max: 99 }), (state, count) => {
        const [skipped, taken] = [new Xoshiro256PlusPlus(state), new Xoshiro256PlusPlus(state)]
        skipped.skip(count)
        take(taken, count)
        expect(skipped.state).toEqual(taken.state)
      }),
    )
  })

  it('writes outputs with a stride, low half first, and nothing between them', () => {
    const expected = take(new Xoshiro256PlusPlus([1n, 2n, 3n, 4n]), 5)
    const out = new Int32Array(64).fill(-7)
    new Xoshiro256PlusPlus([1n, 2n, 3n, 4n]).writeOutputs(out, 6, 8, 5)
    const wide = new DataView(out.buffer)
    expected.forEach((output, i) => expect(wide.getBigUint64(4 * (6 + 8 * i), true)).toBe(output))
    expect(out.filter((_, i) => i < 6 || i >= 40 || (i - 6) % 8 > 1)).toEqual(
      new Int32Array(64 - 10).fill(-7),
    )
  })

  it('rejects the all-zero state and too few words', () => {
    expect(() => new Xoshiro256PlusPlus([0n, 0n, 0n, 0n])).toThrow(
      rangeError('"state" must be four words that are not all zero; received all zeros'),
    )
    expect(() => new Xoshiro256PlusPlus(new Int32Array(8))).toThrow(RangeError)
    expect(() => new Xoshiro256PlusPlus([1n, 2n, 3n])).toThrow(
      rangeError('"state" must be four words; received 3'),
    )
  })

  it.each(['jump', 'longJump'] as const)('%s and next commute', (leap) => {
    fc.assert(
      fc.property(anyState, (state) => {
        const [before, after] = [new Xoshiro256PlusPlus(state), new Xoshiro256PlusPlus(state)]
        before[leap]()
        before.next()
        after.next()
        after[leap]()
        expect(before.state).toEqual(after.state)
      }),
      { numRuns: 20 },
    )
  })

  it('jumps and long jumps commute', () => {
    const [a, b] = [new Xoshiro256PlusPlus([5n, 6n, 7n, 8n]), new Xoshiro256PlusPlus([5n, 6n, 7n, 8n])]
    a.jump()
    a.longJump()
    b.longJump()
    b.jump()
    expect(a.state).toEqual(b.state)
  })
})

const anyState = fc
  .tuple(...[0, 1, 2, 3].map(() => fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })))
  .filter((state) => state.some((word) => word !== 0n)) as fc.Arbitrary<GeneratorState>

describe('the jump polynomials', () => {
  const polynomial = characteristicPolynomial()

  it('have a modulus of degree 256, the same from any bit of the state', () => {
    expect(degree(polynomial)).toBe(256)
    expect(characteristicPolynomial(3, 41n)).toBe(polynomial)
  })

  it.each([
    ['jump', 128],
    ['longJump', 192],
  ] as const)('%s applies x^(2^%i) modulo the characteristic polynomial of the step', (leap, log) => {
    let power = 2n // x
    for (let i = 0; i < log; i++) power = remainder(square(power), polynomial)
    const [state, sum]: GeneratorState[] = [
      [11n, 22n, 33n, 44n],
      [0n, 0n, 0n, 0n],
    ]
    for (let bit = 0n; bit < 256n; bit++) {
      if ((power >> bit) & 1n) state.forEach((word, i) => (sum[i] ^= word))
      next(state)
    }
    const generator = new Xoshiro256PlusPlus([11n, 22n, 33n, 44n])
    generator[leap]()
    expect(generator.state).toEqual(sum)
  })

  it('x^(2^256) equals x: the period of the step divides 2^256 - 1', () => {
    let power = 2n
    for (let i = 0; i < 256; i++) power = remainder(square(power), polynomial)
    expect(power).toBe(2n)
  })
})

/** The characteristic polynomial over GF(2), bit i the coefficient of x^i: Berlekamp-Massey on 512 values of one bit. */
function characteristicPolynomial(word = 0, bit = 0n): bigint {
  const state: GeneratorState = [1n, 2n, 3n, 4n]
  let [c, b, length, m] = [1n, 1n, 0, 1]
  let history = 0n // the bits so far, the latest one lowest
  for (let n = 0; n < 512; n++) {
    history = (history << 1n) | ((state[word] >> bit) & 1n)
    next(state)
    if (parity(c & history)) {
      const old = c
      c ^= b << BigInt(m)
      if (2 * length <= n) {
        length = n + 1 - length
        b = old
        m = 0
      }
    }
    m++
  }
  // the mirror image of c = 1 + c1 x + ... is the characteristic polynomial
  let mirrored = 0n
  for (let i = 0n; i <= BigInt(length); i++) mirrored = (mirrored << 1n) | ((c >> i) & 1n)
  return mirrored
}

function parity(x: bigint): boolean {
  return x.toString(2).replaceAll('0', '').length % 2 === 1
}

function degree(p: bigint): number {
  return p.toString(2).length - 1
}

/** p^2 over GF(2): inserts a zero between the coefficients. */
function square(p: bigint): bigint {
  return BigInt(`0b${[...p.toString(2)].join('0')}`)
}

function remainder(p: bigint, modulus: bigint): bigint {
  while (degree(p) >= degree(modulus)) p ^= modulus << BigInt(degree(p) - degree(modulus))
  return p
}

describe('the test oracle', () => {
  it('gives the published outputs of SplitMix64', () => {
    for (const { seed, sequence } of splitmix64.sequences) {
      expect(splitMix(BigInt(seed), sequence.length)).toEqual(words(sequence))
    }
  })

  it("gives the known outputs of xoshiro256++ seeded by SplitMix64, as the engine's generator does", () => {
    for (const { seed, sequence } of splitmix64.seeded) {
      const state = splitMix(BigInt(seed), 4) as GeneratorState
      expect(take(new Xoshiro256PlusPlus(state), 2)).toEqual(words(sequence))
      expect([next(state), next(state)]).toEqual(words(sequence))
    }
  })
})
