/**
 * The normal quantile function as the engines compute it: a table of 63 x 128 cells and one formula.
 *
 * For f in [2^-31, 2^31] let y(f) = erfcinv(f 2^-31): the point sqrt(2) y has a fraction f 2^-32 of the standard
 * normal above it. The cell that begins at c, where c is f cut to its upper 16 bits, holds
 *
 *   a = RN32(y(c))     b = RN32(y'(c)),  y'(c) = -sqrt(pi)/2 exp(y(c)^2) 2^-31
 *   d = f - c,  D = b d:                 q(f) = a + D (1 + a D)
 *
 * and q is odd. Entries of the last exponent are 0: it holds only f = 2^31, the median. A test derives both
 * constants and all 16128 entries again, in integer arithmetic. They influence the stream.
 */

/** Entries: exponents -31..31 of f, each with 128 values of the upper 7 bits of the mantissa. */
export const CELL_COUNT = 63 * 128

/** The upper 16 bits of 2^-31: where the entries begin. */
const FIRST_INDEX = (127 - 31) << 7

/** y and y' at f = 2^-31, RN64. */
const INITIAL_Y = 6.367075108785367
const INITIAL_SLOPE = -166632376.56163272

/**
 * The entries for positive f, (a, b) after (a, b): y'' = 2 y y'^2 integrated from the far tail to the median
 * by Taylor steps of one cell (2^-7 of the distance to the singularity, so 11 terms exceed f64). Errors shrink
 * in that direction, and + - * / of f64 are the same on every machine, as Math.log and Math.exp are not.
 */
export function computeQuantileTable(): Float32Array {
  const terms = 11
  const table = new Float32Array(2 * CELL_COUNT)
  const y = new Float64Array(terms + 1) // of y over the width of the cell
  const s = new Float64Array(terms + 1) // of y' times the width
  const ss = new Float64Array(terms) // of its square
  let width = 2 ** -38
  y[0] = INITIAL_Y
  s[0] = INITIAL_SLOPE * width
  for (let cell = 0; cell < CELL_COUNT - 128; cell++) {
    if (cell > 0 && cell % 128 === 0) {
      width *= 2
      s[0] *= 2
    }
    table[2 * cell] = y[0]
    table[2 * cell + 1] = s[0] / width
    for (let k = 0; k < terms; k++) {
      y[k + 1] = s[k] / (k + 1)
      ss[k] = convolve(s, s, k)
      s[k + 1] = (2 * convolve(y, ss, k)) / (k + 1)
    }
    y[0] = sum(y)
    s[0] = sum(s)
  }
  return table
}

function convolve(a: Float64Array, b: Float64Array, k: number): number {
  let total = 0
  for (let i = 0; i <= k; i++) total += a[i] * b[k - i]
  return total
}

function sum(terms: Float64Array): number {
  let total = 0
  for (let k = terms.length - 1; k >= 0; k--) total += terms[k]
  return total
}

/** Writes (a, b) of index h, the upper half of f, to 2h and 2h + 1 of `target`, for both signs. */
export function writeIndexedTable(target: Float32Array): void {
  const table = computeQuantileTable()
  target.set(table, 2 * FIRST_INDEX)
  for (let i = 0; i < table.length; i += 2) {
    target[2 * (FIRST_INDEX + 0x8000) + i] = -table[i]
    target[2 * (FIRST_INDEX + 0x8000) + i + 1] = table[i + 1]
  }
}

let indexedTable: Float32Array | undefined

/** The table by index h, created by the first call. */
export function getIndexedTable(): Float32Array {
  if (!indexedTable) writeIndexedTable((indexedTable = new Float32Array(2 * 0x10000)))
  return indexedTable
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** q(f) for an f32 with 2^-31 <= |f| <= 2^31: z / sqrt(2), in f32 arithmetic. */
export function quantile(f: number): number {
  const table = getIndexedTable()
  float[0] = f
  const h = bits[0] >>> 16
  bits[0] &= 0xffff0000
  const a = table[2 * h]
  const D = Math.fround(table[2 * h + 1] * Math.fround(f - float[0]))
  return Math.fround(a + Math.fround(D * Math.fround(1 + Math.fround(a * D))))
}
