import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  CELL_COUNT,
  writeIndexedTable,
  quantile,
  computeQuantileTable,
  getIndexedTable,
} from '../../src/numeric/normal-quantile.ts'
import { floatToBits } from '../../src/numeric/dtypes.ts'
import { FRACTION_BITS, erfcinv, toFixedPoint, toF32, toF64 } from '../support/exact.ts'
import { byTier } from '../support/tier.ts'

/** The f at which a cell of the positive half begins, as 2^exponent (1 + step / 128). */
function beginning(cell: number): number {
  return 2 ** ((cell >> 7) - 31) * (1 + (cell & 127) / 128)
}

/** y(f) = erfcinv(f 2^-31) and its derivative, in fixed point. */
function exactly(f: number, guess: number) {
  const { y, slope } = erfcinv(toFixedPoint(f * 2 ** -31), guess)
  return { y, slope: slope / 2n ** 31n }
}

describe('the quantile table', () => {
  const table = computeQuantileTable()

  it('has SHA-256 bf784bd7... for its positive half', () => {
    expect(createHash('sha256').update(new Uint8Array(table.buffer)).digest('hex')).toBe(
      'bf784bd7e2c7eec503ccce6d2f537dac64c1c70913bfe822ce4e0614cdb22a3a',
    )
  })

  it('holds y and its slope, each rounded to the nearest f32, in each of 16128 entries', () => {
    expect(table).toHaveLength(2 * CELL_COUNT)
    expect(2 * CELL_COUNT).toBe(16128)
    let guess = 6.3
    const wrong: number[] = []
    for (let cell = 0; cell < CELL_COUNT; cell += byTier(16, 1)) {
      const median = cell >= CELL_COUNT - 128 // the cell of 2^31 alone; values beyond it with this exponent never occur
      const { y, slope } = median ? { y: 0n, slope: 0n } : exactly(beginning(cell), guess)
      guess = Number(y >> (FRACTION_BITS - 60n)) * 2 ** -60
      if (table[2 * cell] !== toF32(y) || table[2 * cell + 1] !== toF32(slope)) wrong.push(cell)
    }
    expect(wrong).toEqual([])
  })

  it("is integrated from the y and y' of f = 2^-31, rounded to the nearest f64", () => {
    const { y, slope } = exactly(2 ** -31, 6)
    expect(toF64(y)).toBe(6.367075108785367)
    expect(toF64(slope)).toBe(-166632376.56163272)
  })

  it('is indexed by the upper half of the pattern of f, with either sign of a and one sign of b', () => {
    const placed = new Float32Array(2 * 0x10000).fill(7)
    writeIndexedTable(placed)
    const expected = getIndexedTable().map((x, i) => (used(i >> 1) ? x : 7))
    expect(Buffer.from(placed.buffer).equals(Buffer.from(expected.buffer))).toBe(true)
    for (const sign of [1, -1]) {
      const entries = Array.from({ length: CELL_COUNT }, (_, cell) => {
        const index = floatToBits(sign * beginning(cell)) >>> 16
        return [sign * placed[2 * index], placed[2 * index + 1]]
      })
      expect(Float32Array.from(entries.flat())).toEqual(table)
    }
  })
})

/** Whether the table has an entry at index h. */
function used(h: number): boolean {
  const positive = h & 0x7fff
  return positive >= 12288 && positive <= 20351
}

describe('the quantile function', () => {
  it('is odd', () => {
    for (let bits = 0x30000000; bits <= 0x4f000000; bits += 99991) {
      const f = new Float32Array(Uint32Array.of(bits).buffer)[0]
      expect(quantile(-f)).toBe(-quantile(f))
    }
  })

  it('decreases from the tail to the median, and is 0 there', () => {
    const values: number[] = []
    for (let bits = 0x30000000; bits <= 0x4f000000; bits += 9973) {
      values.push(quantile(new Float32Array(Uint32Array.of(bits).buffer)[0]))
    }
    expect(values.filter((q, i) => i > 0 && !(q < values[i - 1]))).toEqual([])
    expect(quantile(2 ** 31)).toBe(0)
    expect(quantile(-(2 ** 31))).toBe(0)
  })

  it('has a relative error below 4e-7 against erfcinv, from the far tail to 0.67 standard deviations', () => {
    for (let bits = 0x30000000; bits < 0x4e800000; bits += 1299709) {
      const f = new Float32Array(Uint32Array.of(bits).buffer)[0]
      const q = quantile(f)
      const { y } = exactly(f, q)
      const oracle = toF64(y)
      expect(Math.abs(q / oracle - 1)).toBeLessThan(4e-7)
    }
  })
})
