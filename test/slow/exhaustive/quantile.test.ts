/** The quantile function at every f of its domain, not only those of draws. Run by `npm run test:slow`. */

import { expect, it } from 'vitest'
import { floatToBits, decode } from '../../../src/numeric/dtypes.ts'
import { CELL_COUNT, quantile, computeQuantileTable } from '../../../src/numeric/normal-quantile.ts'

it('decreases within each cell, and increases by at most an ulp at the start of the next', () => {
  const table = computeQuantileTable()
  const cells = Array.from({ length: CELL_COUNT - 127 }, (_, cell) => cell) // the last cell starts at 2^31
  const rises = cells.flatMap((cell) => {
    const begin = floatToBits(2 ** -31) + cell * 0x10000
    const c = decode('f32', begin)
    const ulp = 2 ** (Math.floor(Math.log2(c)) - 23)
    const [a, b] = [table[2 * cell], table[2 * cell + 1]]
    let before = Infinity
    let rises = 0
    for (let step = 0; step < (cell === CELL_COUNT - 128 ? 1 : 0x10000); step++) {
      const D = Math.fround(b * step * ulp)
      const q = Math.fround(a + Math.fround(D * Math.fround(1 + Math.fround(a * D))))
      if (q > before) rises++
      before = q
    }
    expect(quantile(decode('f32', begin + 0xffff))).toBe(cell === CELL_COUNT - 128 ? 0 : before)
    return rises
  })
  expect(rises.every((count) => count === 0)).toBe(true)

  const edges = cells.slice(1).map((cell) => {
    const begin = floatToBits(2 ** -31) + cell * 0x10000
    return floatToBits(quantile(decode('f32', begin))) - floatToBits(quantile(decode('f32', begin - 1)))
  })
  expect(Math.max(...edges)).toBe(1)
})
