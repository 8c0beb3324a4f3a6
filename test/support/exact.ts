/**
 * Fixed-point arithmetic on BigInt, from series alone: the oracle where f64 is too imprecise. A number x is stored as
 * x 2^BITS. It is independent of how the code under test computes its values.
 */

export const FRACTION_BITS = 224n
export const ONE = 1n << FRACTION_BITS

/** An f64, exactly, except for bits below 2^-BITS. */
export function toFixedPoint(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const field = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & 0xfffffffffffffn) | (field === 0 ? 0n : 1n << 52n)
  const shift = BigInt(Math.max(field, 1) - 1075) + FRACTION_BITS
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return x < 0 ? -magnitude : magnitude
}

/** The number in f64, to about an ulp; for initial guesses and for reported errors. */
export function toNumber(x: bigint): number {
  if (x < 0n) return -toNumber(-x)
  const cut = BigInt(Math.max(0, x.toString(2).length - 60))
  return Number(x >> cut) * 2 ** (Number(cut) - Number(FRACTION_BITS))
}

export function multiply(a: bigint, b: bigint): bigint {
  return (a * b) >> FRACTION_BITS
}

export function divide(a: bigint, b: bigint): bigint {
  return (a << FRACTION_BITS) / b
}

/** e^x: Taylor on x / 2^12, squared 12 times. */
export function exp(x: bigint): bigint {
  const r = x >> 12n
  let term = ONE
  let sum = ONE
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = multiply(term, r) / n
    sum += term
  }
  for (let i = 0; i < 12; i++) sum = multiply(sum, sum)
  return sum
}

/** pi by Machin's formula. */
export const PI = 16n * arctanInverse(5n) - 4n * arctanInverse(239n)

function arctanInverse(n: bigint): bigint {
  let power = ONE / n
  let sum = power
  for (let k = 1n; power !== 0n; k++) {
    power /= n * n
    sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n)
  }
  return sum
}

export function sqrt(x: bigint): bigint {
  const n = x << FRACTION_BITS
  let root = 1n << BigInt((n.toString(2).length / 2 + 1) | 0)
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

export const SQRT_PI = sqrt(PI)

/** erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, and the exp(x^2) that it computes. */
export function erf(x: bigint): { erf: bigint; expSquare: bigint } {
  const square = multiply(x, x)
  let term = x
  let sum = x
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = multiply(term, 2n * square) / (2n * n + 1n)
    sum += term
  }
  const expSquare = exp(square)
  return { erf: divide(divide(2n * sum, SQRT_PI), expSquare), expSquare }
}

/** The y with erfc(y) = p, 0 < p <= 1, by Newton's method with its second-order term from a nearby guess. */
export function erfcinv(p: bigint, guess: number): { y: bigint; slope: bigint } {
  let y = toFixedPoint(guess)
  for (let turn = 0; turn < 60; turn++) {
    const { erf: value, expSquare } = erf(y)
    const slope = -multiply(SQRT_PI, expSquare) / 2n // dy/dp
    const step = multiply(slope, p - (ONE - value))
    y += step + multiply(y, multiply(step, step)) // y'' = 2 y y'^2
    // the remaining error is of the order of step^3
    if (step < ONE >> 44n && step > -(ONE >> 44n)) {
      return { y, slope: -multiply(SQRT_PI, exp(multiply(y, y))) / 2n }
    }
  }
  throw new Error('no convergence')
}

/** x rounded to f32, to nearest even. Throws if x lies within 2^-100 of a tie, where its error could decide. */
export function toF32(x: bigint): number {
  if (x < 0n) return -toF32(-x)
  if (x === 0n) return 0
  const length = BigInt(x.toString(2).length)
  const cut = length - 24n
  const rest = x & ((1n << cut) - 1n)
  const half = 1n << (cut - 1n)
  const distance = rest > half ? rest - half : half - rest
  if (distance < 1n << (length - 100n)) throw new Error('too near a tie')
  const mantissa = (x >> cut) + (rest > half ? 1n : 0n)
  return Number(mantissa) * 2 ** Number(cut - FRACTION_BITS)
}

/** x rounded to f64, in the same way. */
export function toF64(x: bigint): number {
  if (x < 0n) return -toF64(-x)
  const cut = BigInt(x.toString(2).length) - 53n
  const rest = x & ((1n << cut) - 1n)
  return Number((x >> cut) + (rest >> (cut - 1n))) * 2 ** Number(cut - FRACTION_BITS)
}
