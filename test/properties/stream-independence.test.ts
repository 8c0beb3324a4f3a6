/**
 * The first 64 bytes of neighboring blocks, lanes, seeds and names are independent. Over 4096 pairs of neighbors, each of
 * the 512 bits differs half of the time, and the sums that take only nine values in Julia's task-split generators
 * (JuliaLang/julia#53408) are all different. A p-value below 1e-6 fails; keys are fixed.
 */

import { describe, expect, it } from 'vitest'
import { BLOCK_SIZE, deriveKey } from '../../src/rng/stream.ts'
import { generateRawDraws } from '../support/kernel.ts'
import { binomialPValue, chiSquarePValue } from '../support/significance.ts'

const PAIRS = 4096
const BITS = 512
const letters = 'abcdefghijklmnop'
/** Numbers in base 16, last digit first: most neighbors differ in one letter. */
const name = (i: number) => [0, 4, 8, 12].map((bits) => letters[(i >> bits) & 15]).join('')

const KEY = deriveKey('neighbours', 'w')
const block = (i: number) => generateRawDraws(KEY, i * BLOCK_SIZE, 16)
/** The outputs of one lane in eight steps; each step has two 32-bit words per lane. */
const lane = (i: number) => {
  const draws = generateRawDraws(KEY, (i >> 2) * BLOCK_SIZE, 64)
  return draws.filter((_, draw) => (draw & 7) >> 1 === (i & 3))
}

const ROWS: [string, (i: number) => Uint32Array][] = [
  ['blocks 0, 1, 2, ...', block],
  ['blocks around 2^32', (i) => block(2 ** 32 - 2048 + i)],
  ['blocks 2^16 apart', (i) => block(i * 2 ** 16)],
  ['lanes', lane],
  ['seeds 0, 1, 2, ...', (i) => generateRawDraws(deriveKey(i, 'w'), 0, 16)],
  ['names layer.0, layer.1, ...', (i) => generateRawDraws(deriveKey(0, `layer.${i}`), 0, 16)],
  ['names one letter apart', (i) => generateRawDraws(deriveKey(0, name(i)), 0, 16)],
  ['lengths of a name', (i) => generateRawDraws(deriveKey(0, 'a'.repeat(i + 1)), 0, 16)],
]

describe.each(ROWS)('%s', (_, at) => {
  const row = Array.from({ length: PAIRS + 1 }, (_, i) => at(i))

  it('have each bit set half of the time, and differ in it half of the time', () => {
    const differences = row.slice(1).map((draws, i) => draws.map((draw, word) => draw ^ row[i][word]))
    for (const bits of [row.slice(1), differences]) {
      const counts = Array.from({ length: BITS }, (_, bit) =>
        bits.reduce((sum, words) => sum + ((words[bit >> 5] >>> (bit & 31)) & 1), 0),
      )
      const total = counts.reduce((a, b) => a + b)
      expect(binomialPValue(total, BITS * PAIRS, 0.5)).toBeGreaterThan(1e-6)
      const chi2 = counts.reduce((sum, count) => sum + (count - PAIRS / 2) ** 2 / (PAIRS / 4), 0)
      expect(chiSquarePValue(chi2, BITS)).toBeGreaterThan(1e-6)
    }
  })

  it('repeat no word and no second difference', () => {
    const words = row.map(({ buffer }) => new BigUint64Array(buffer))
    expect(new Set(words.flatMap((list) => [...list])).size).toBe(8 * words.length)
    const second = words
      .slice(2)
      .flatMap((list, i) =>
        [...list].map((word, k) => BigInt.asUintN(64, word - 2n * words[i + 1][k] + words[i][k])),
      )
    expect(new Set(second).size).toBe(second.length)
  })
})

it('seeds and names together: no cross difference repeats', () => {
  const first = (seed: number, layer: number) =>
    new BigUint64Array(generateRawDraws(deriveKey(seed, `layer.${layer}`), 0, 2).buffer)[0]
  const grid = Array.from({ length: 65 }, (_, seed) =>
    Array.from({ length: 65 }, (_, layer) => first(seed, layer)),
  )
  const crossDifferences = grid
    .slice(1)
    .flatMap((row, i) =>
      row.slice(1).map((word, j) => BigInt.asUintN(64, word - row[j] - grid[i][j + 1] + grid[i][j])),
    )
  expect(new Set(crossDifferences).size).toBe(64 * 64)
})
