/** The quantile function at every f of its domain, not only those of draws. Run by `npm run test:exhaustive`. */

import { expect, it } from 'vitest'
import { bitsOf, decode } from '../../src/dtypes.ts'
import { CELLS, quantile, quantileTable } from '../../src/quantile.ts'

it('falls all through each cell, and rises by at most an ulp where the next begins', () => {
  const table = quantileTable()
  const cells = Array.from({ length: CELLS - 127 }, (_, cell) => cell) // the last one is that of 2^31
  const rises = cells.flatMap((cell) => {
    const begin = bitsOf(2 ** -31) + cell * 0x10000
    const c = decode('f32', begin)
    const ulp = 2 ** (Math.floor(Math.log2(c)) - 23)
    const [a, b] = [table[2 * cell], table[2 * cell + 1]]
    let before = Infinity
    let rises = 0
    for (let step = 0; step < (cell === CELLS - 128 ? 1 : 0x10000); step++) {
      const D = Math.fround(b * step * ulp)
      const q = Math.fround(a + Math.fround(D * Math.fround(1 + Math.fround(a * D))))
      if (q > before) rises++
      before = q
    }
    expect(quantile(decode('f32', begin + 0xffff))).toBe(cell === CELLS - 128 ? 0 : before)
    return rises
  })
  expect(rises.every((count) => count === 0)).toBe(true)

  const edges = cells.slice(1).map((cell) => {
    const begin = bitsOf(2 ** -31) + cell * 0x10000
    return bitsOf(quantile(decode('f32', begin))) - bitsOf(quantile(decode('f32', begin - 1)))
  })
  expect(Math.max(...edges)).toBe(1)
})
