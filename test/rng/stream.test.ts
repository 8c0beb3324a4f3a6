import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { BLOCK_SIZE, deriveKey, seedLane, normalizeSeed, STREAM_VERSION } from '../../src/rng/stream.ts'
import { Xoshiro256PlusPlus } from '../../src/rng/xoshiro.ts'
import * as oracle from '../support/generator.ts'
import { forEachBlockState, setSkipMethod, generateRawDraws } from '../support/kernel.ts'
import { errorOf, rangeError, typeError } from '../support/errors.ts'
import { byTier, itSlow } from '../support/tier.ts'

const hex = (words: Uint32Array) => Buffer.from(new Uint8Array(words.buffer)).toString('hex')
const state = (key: Uint32Array, block: number, lane: number) =>
  new Xoshiro256PlusPlus(seedLane(key, block, lane)).state
const KEY = deriveKey(42, 'fc1.weight')

/** Block indices that a 16-, 31-, 32- or 40-bit counter would confuse with small ones, and the last one. */
const ALIASES = [0, 16, 31, 32, 40]
  .flatMap((log) => [2 ** log - 1, 2 ** log, 2 ** log + 1])
  .filter((b) => b < 2 ** 40)
const anyText = fc.string({ unit: 'binary', maxLength: 40 })

describe('the test vector of docs/reference/stream.md', () => {
  it('has its key', () => {
    expect(STREAM_VERSION).toBe(1)
    expect(hex(KEY)).toBe('8ab742c69724fbecfe94b6375e1ad919ac9cf512b326c362940b003196ceccd4')
  })

  it('has its lane states', () => {
    expect(state(KEY, 0, 0)).toEqual([
      0xec315086e58aa071n,
      0xdf6baf36aa119894n,
      0x87570ac06f650a1cn,
      0x52b7813952458161n,
    ])
    expect(state(KEY, 0, 3)).toEqual([
      0x10830fae2b2aa06an,
      0x8c54d7ea336574cen,
      0x03c4a826e84d4fd2n,
      0xc8b52a714779fd7dn,
    ])
  })

  it('has its draws', () => {
    expect([...generateRawDraws(KEY, 0, 8)]).toEqual([
      0xceaa14d9, 0xcc4d3897, 0xecf16f70, 0x4947a494, 0x1b178a4c, 0x8ad2b2f8, 0x1f173c87, 0x203c61fd,
    ])
    expect([...generateRawDraws(KEY, BLOCK_SIZE, 4)]).toEqual([
      0xef8faa20, 0xa02b07fa, 0x25a7a9c4, 0xe21017c9,
    ])
  })
})

describe('seeds', () => {
  it('42, 42n and "42" are the same seed, and "042" is another', () => {
    const keys = [42, 42n, '42', '042'].map((seed) => hex(deriveKey(seed, 'w')))
    expect(new Set(keys.slice(0, 3)).size).toBe(1)
    expect(keys[3]).not.toBe(keys[0])
  })

  it('-0 equals 0', () => {
    expect(normalizeSeed(-0)).toBe('0')
    expect(hex(deriveKey(-0, 'w'))).toBe(hex(deriveKey(0, 'w')))
  })

  it('integers equal their decimal text', () => {
    const anyInteger = fc.oneof(fc.bigInt(), fc.maxSafeInteger())
    fc.assert(
      fc.property(anyInteger, (seed) => {
        expect(normalizeSeed(seed)).toBe(BigInt(seed).toString(10))
      }),
    )
  })

  it.each([
    [1.5, RangeError, '"seed" must be a safe integer (use a bigint or a string beyond 2^53); received 1.5'],
    [
      2 ** 53,
      RangeError,
      '"seed" must be a safe integer (use a bigint or a string beyond 2^53); received 9007199254740992',
    ],
    [NaN, RangeError, '"seed" must be a safe integer (use a bigint or a string beyond 2^53); received NaN'],
    [null, TypeError, '"seed" must be a string, a safe integer or a bigint; received null'],
    [true, TypeError, '"seed" must be a string, a safe integer or a bigint; received true'],
    ['\ud800', TypeError, '"seed" must be well-formed Unicode; received a lone surrogate'],
  ])('%s is rejected with a %o', (seed, kind, message) => {
    expect(() => deriveKey(seed as never, 'w')).toThrow(errorOf(kind, message))
  })
})

describe('keys', () => {
  it('are the SHA-256 that Node computes of the netstrings', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (seed, name, purpose) => {
        fc.pre([seed, name, purpose].every((text) => text.isWellFormed()) && name !== '')
        const words = oracle.referenceKey(seed, name, purpose)
        expect(new BigUint64Array(deriveKey(seed, name, purpose).buffer)).toEqual(BigUint64Array.from(words))
      }),
    )
  })

  it('count bytes, not characters', () => {
    const text = 'simdinit/1\n1:0,9:w\u{1f600}\u00e9\u00e9,0:,'
    expect(hex(deriveKey(0, 'w\u{1f600}\u00e9\u00e9'))).toBe(createHash('sha256').update(text).digest('hex'))
  })

  it('differ whenever seed, name or purpose differ, wherever the three texts are split', () => {
    const texts = ['0', '1:0,', '0,1:w', 'w', '1:w,', ',', ':', '0:,', 'w,0:', '1:0,1:w,0:,', ' w', 'W']
    const keys = new Set<string>()
    for (const seed of texts) {
      for (const name of texts)
        for (const purpose of ['', ...texts]) keys.add(hex(deriveKey(seed, name, purpose)))
    }
    expect(keys.size).toBe(12 * 12 * 13)
  })

  it('use text without normalization: composed and decomposed forms are different names', () => {
    expect(hex(deriveKey(0, '\u00e9'))).not.toBe(hex(deriveKey(0, 'e\u0301')))
  })

  it('are rejected for a lone surrogate, an empty name and a missing name', () => {
    const surrogate = 'must be well-formed Unicode; received a lone surrogate'
    expect(() => deriveKey(0, 'a\udc00')).toThrow(typeError(`"name" ${surrogate}`))
    expect(() => deriveKey(0, 'a', '\ud800')).toThrow(typeError(`"purpose" ${surrogate}`))
    expect(() => deriveKey(0, '')).toThrow(rangeError('"name" must be a non-empty string; received ""'))
    expect(() => deriveKey(0, undefined as never)).toThrow(
      typeError('"name" must be a string; received undefined'),
    )
  })
})

describe('lane states', () => {
  it('equal the definition in BigInt, for any key and block', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 2 ** 53 - 1 }), fc.nat({ max: 3 }), (seed, block, lane) => {
        const expected = oracle.referenceLaneState(
          oracle.referenceKey(String(seed), 'w'),
          BigInt(block),
          BigInt(lane),
        )
        expect(state(deriveKey(seed, 'w'), block, lane)).toEqual(expected)
      }),
      { numRuns: byTier(100, 1000) },
    )
  })

  it('of the kernels equal those of the reference, also at the aliases', () => {
    for (const block of [...ALIASES, 12345, 2 ** 40 - 2]) {
      forEachBlockState(KEY, block, 1, (states) => {
        for (let lane = 0; lane < 4; lane++) {
          const at = 8 * (lane >> 1) + (lane & 1)
          expect([0, 2, 4, 6].map((word) => states[at + word])).toEqual(state(KEY, block, lane))
        }
      })
    }
  })

  it('differ at all aliases', () => {
    const blocks = new Set([...ALIASES, 2 ** 40, 2 ** 40 + 1, 2 ** 53 - 1])
    const words = [...blocks].flatMap((b) => [0, 1, 2, 3].flatMap((lane) => state(KEY, b, lane)))
    expect(new Set(words).size).toBe(16 * blocks.size)
  })
})

describe('jumps within a block', () => {
  it('reach the same state as single steps, from any block to any of its steps', () => {
    for (const [key, block] of [
      [KEY, 0],
      [deriveKey('jumps', 'w'), 12345],
    ] as const) {
      const steps = Array.from({ length: 1024 }, (_, step) => block * 8192 + 8 * step)
      const expected = steps.map((first) => generateRawDraws(key, first, 8))
      setSkipMethod('jumps')
      const found = steps.map((first) => generateRawDraws(key, first, 8))
      setSkipMethod('steps')
      expect(found).toEqual(expected)
    }
  })
})

const log2Blocks = byTier(17, 20)

describe(`the first 2^${log2Blocks} blocks`, () => {
  const blocks = 2 ** log2Blocks
  const halves = [new BigUint64Array(8 * blocks), new BigUint64Array(8 * blocks)]

  beforeAll(() => {
    let at = 0
    forEachBlockState(KEY, 0, blocks, (states) => {
      halves[0].set(states.subarray(0, 4), at)
      halves[0].set(states.subarray(8, 12), at + 4)
      halves[1].set(states.subarray(4, 8), at)
      halves[1].set(states.subarray(12, 16), at + 4)
      at += 8
    })
  })

  it('have no word of s0 and s1 in common, in any lane', () => {
    expect(repeated(halves[0])).toBe(0)
  })

  it('have no word of s2 and s3 in common, in any lane', () => {
    expect(repeated(halves[1])).toBe(0)
  })
})

/** The number of words that equal another one. Sorts the words. */
function repeated(words: BigUint64Array): number {
  words.sort()
  let count = 0
  for (let i = 1; i < words.length; i++) if (words[i] === words[i - 1]) count++
  return count
}

describe('draws', () => {
  it('of the kernels equal the definition in BigInt, at any position', () => {
    const blocks = fc.oneof(fc.constantFrom(...ALIASES), fc.nat({ max: 2 ** 40 - 1 }))
    fc.assert(
      fc.property(fc.nat(), blocks, fc.nat({ max: 600 }), fc.nat({ max: 80 }), (seed, block, at, count) => {
        const expected = oracle
          .referenceDraws(oracle.referenceKey(String(seed), 'w'), BigInt(block), at + count)
          .slice(at)
        expect([...generateRawDraws(deriveKey(seed, 'w'), block * BLOCK_SIZE + at, count)]).toEqual(expected)
      }),
    )
  })

  it('continue with the next block after 8192', () => {
    const words = oracle.referenceKey('42', 'fc1.weight')
    const whole = [
      ...oracle.referenceDraws(words, 6n, BLOCK_SIZE),
      ...oracle.referenceDraws(words, 7n, BLOCK_SIZE),
    ]
    expect([...generateRawDraws(KEY, 6 * BLOCK_SIZE, 2 * BLOCK_SIZE)]).toEqual(whole)
  })

  itSlow('have no repeated 64-bit word in 2^22', () => {
    // any two of these random words are equal with a probability of 5e-7
    const draws = generateRawDraws(KEY, 0, 2 ** 23)
    expect(repeated(new BigUint64Array(draws.buffer))).toBe(0)
  })

  it('of two purposes, names and seeds have no 64-bit word in common', () => {
    const keys = [deriveKey(0, 'a'), deriveKey(1, 'a'), deriveKey(0, 'b'), deriveKey(0, 'a', 'sparse')]
    const words = new BigUint64Array(4 * 2 ** 16)
    keys.forEach((key, i) =>
      words.set(new BigUint64Array(generateRawDraws(key, 0, 2 ** 17).buffer), i * 2 ** 16),
    )
    expect(repeated(words)).toBe(0)
  })
})
