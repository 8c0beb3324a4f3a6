/**
 * Blocks, lanes, seeds and names beside each other: their first 64 bytes have nothing in common. Over 4096 pairs of
 * neighbours each of the 512 bits differs as often as it is the same, and the sums that Julia's task-split generators
 * took only nine values of (JuliaLang/julia#53408) are all different. A p-value below 1e-6 fails; keys are fixed.
 */

import { describe, expect, it } from 'vitest'
import { BLOCK_SIZE, deriveKey } from '../../src/rng/stream.ts'
import { generateRawDraws } from '../support/kernel.ts'
import { binomialPValue, chiSquarePValue } from '../support/significance.ts'

const PAIRS = 4096
const BITS = 512
const letters = 'abcdefghijklmnop'
/** Numbers in base 16, the last digit first: neighbours differ in one letter, but for every sixteenth. */
const name = (i: number) => [0, 4, 8, 12].map((bits) => letters[(i >> bits) & 15]).join('')

const KEY = deriveKey('neighbours', 'w')
const block = (i: number) => generateRawDraws(KEY, i * BLOCK_SIZE, 16)
/** Draws are two a lane in turn: lane l of eight steps. */
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

  it('have each bit as often as not, and differ in it as often as not', () => {
    const neighbours = row.slice(1).map((draws, i) => draws.map((draw, word) => draw ^ row[i][word]))
    for (const bits of [row.slice(1), neighbours]) {
      const counts = Array.from({ length: BITS }, (_, bit) =>
        bits.reduce((sum, words) => sum + ((words[bit >> 5] >>> (bit & 31)) & 1), 0),
      )
      const total = counts.reduce((a, b) => a + b)
      expect(binomialPValue(total, BITS * PAIRS, 0.5)).toBeGreaterThan(1e-6)
      const chi2 = counts.reduce((sum, count) => sum + (count - PAIRS / 2) ** 2 / (PAIRS / 4), 0)
      expect(chiSquarePValue(chi2, BITS)).toBeGreaterThan(1e-6)
    }
  })

  it('have no word twice, nor a second difference', () => {
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

it('seeds and names together: no sum crosswise comes twice', () => {
  const first = (seed: number, layer: number) =>
    new BigUint64Array(generateRawDraws(deriveKey(seed, `layer.${layer}`), 0, 2).buffer)[0]
  const grid = Array.from({ length: 65 }, (_, seed) =>
    Array.from({ length: 65 }, (_, layer) => first(seed, layer)),
  )
  const crosswise = grid
    .slice(1)
    .flatMap((row, i) =>
      row.slice(1).map((word, j) => BigInt.asUintN(64, word - row[j] - grid[i][j + 1] + grid[i][j])),
    )
  expect(new Set(crosswise).size).toBe(64 * 64)
})
