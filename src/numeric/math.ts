/**
 * exp, expm1, log, log1p, sin, cos and erfc in f64. They use only + - * / and exact powers of two, because Math.exp and
 * similar functions may differ in the last place between JavaScript engines. Tensor values depend on these functions:
 * changing an operation, or the order of operations, changes the stream. (The transforms of the kernels do not use them;
 * see `normal-quantile.ts`.)
 *
 * Each function reduces its argument to a small interval and sums a power series there (Cody and Waite, "Software Manual
 * for the Elementary Functions", 1980). The compensated sums follow Sun's fdlibm, 1993.
 */

const SCRATCH = new DataView(new ArrayBuffer(8))

/** x 2^k. Exact if the result is a normal number; otherwise rounded once. */
function ldexp(x: number, k: number): number {
  for (; k > 127; k -= 127) x *= 1.7014118346046923e38 // 2^127
  for (; k < -126; k += 126) x *= 1.1754943508222875e-38 // 2^-126
  SCRATCH.setInt32(0, (k + 127) << 23) // as f32, because reading back a single written word is faster
  return x * SCRATCH.getFloat32(0)
}

const LN2_HIGH = 0.693147180369123816 // ln 2 to 33 bits: multiples below 2^20 are exact
const LN2_LOW = 1.9082149292705877e-10 // ln 2 - LN2_HIGH

/** e^x. Relative error below 4e-16 for |x| <= 700; 0 and Infinity beyond the range of f64. */
export function exp(x: number): number {
  if (x < -745) return 0
  if (x > 709.8) return Infinity
  const k = Math.round(x / (LN2_HIGH + LN2_LOW))
  const r = x - k * LN2_HIGH - k * LN2_LOW // |r| <= 0.35
  let sum = 1
  for (let n = 17; n > 0; n--) sum = 1 + (sum * r) / n
  return ldexp(sum, k)
}

/** e^x - 1. Relative error below 4e-16 for |x| <= 700, also near 0; -1 and Infinity beyond the range of f64. */
export function expm1(x: number): number {
  if (x < -40) return -1
  if (x > 40) return exp(x) // subtracting 1 would not change it
  const k = Math.round(x / (LN2_HIGH + LN2_LOW))
  const r = x - k * LN2_HIGH - k * LN2_LOW // |r| <= 0.35
  let sum = 1
  for (let n = 17; n > 2; n--) sum = 1 + (sum * r) / n
  const small = r + ((r * r) / 2) * sum // e^r - 1
  if (k === 0) return small
  const scale = ldexp(1, k)
  return scale * small + (scale - 1)
}

const SQRT_HALF_HIGH_WORD = 0x3fe6a09e // the upper half of sqrt(1/2)

/**
 * ln x. Relative error below 4e-16 for every x > 0, also near 1 where ln x is nearly 0; -Infinity for 0,
 * Infinity for Infinity, NaN for negative numbers and NaN.
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  let k = 0
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984 // 2^54 makes a subnormal number normal
    k = -54
  }
  // x = 2^exponent (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), within 2^-20
  SCRATCH.setFloat64(0, x)
  const exponent = ((SCRATCH.getInt32(0) + (0x3ff00000 - SQRT_HALF_HIGH_WORD)) >> 20) - 1023
  const f = ldexp(x, -exponent) - 1
  k += exponent
  // ln(1 + f) = 2 artanh s = f - f^2/2 + s (f^2/2 + R); f is exact and the other terms are small
  const s = f / (2 + f)
  const z = s * s // <= 0.0295
  let sum = z * (2 / 21)
  sum = z * (2 / 19 + sum)
  sum = z * (2 / 17 + sum)
  sum = z * (2 / 15 + sum)
  sum = z * (2 / 13 + sum)
  sum = z * (2 / 11 + sum)
  sum = z * (2 / 9 + sum)
  sum = z * (2 / 7 + sum)
  sum = z * (2 / 5 + sum)
  sum = z * (2 / 3 + sum)
  const square = 0.5 * f * f
  return s * (square + sum) + k * LN2_LOW - square + f + k * LN2_HIGH
}

/** ln(1 + x). Relative error below 4e-16 for every x > -1, also near 0; for other x, log(1 + x). */
export function log1p(x: number): number {
  const y = 1 + x
  if (!(y > 0 && y < Infinity)) return log(y)
  return log(y) + (x - (y - 1)) / y // the second term corrects the rounding of 1 + x
}

/** pi/2 in three parts. The first two have 33 bits, so their multiples below 2^20 are exact. */
const HALF_PI_HIGH = 1.57079632673412561417
const HALF_PI_MIDDLE = 6.0771005063039659766e-11
const HALF_PI_LOW = 2.02226624879595063154e-21

/** sin x for |x| <= 2^20. Relative error below 4e-16, also near multiples of pi. Undefined for larger |x|. */
export function sin(x: number): number {
  return sinPlusQuarterTurns(x, 0)
}

/** cos x for |x| <= 2^20. Relative error below 4e-16, also near its zeros. Undefined for larger |x|. */
export function cos(x: number): number {
  return sinPlusQuarterTurns(x, 1)
}

/** sin(x + quarters pi/2). */
function sinPlusQuarterTurns(x: number, quarters: number): number {
  // x = n pi/2 + r + tail, |r| <= pi/4
  const n = Math.round(x / HALF_PI_HIGH)
  const a = x - n * HALF_PI_HIGH
  const w = n * HALF_PI_MIDDLE
  const b = a - w
  const c = a - b - w - n * HALF_PI_LOW
  const r = b + c
  const tail = b - r + c
  const q = (n + quarters) & 3
  const y = q & 1 ? cosNear0(r, tail) : sinNear0(r, tail)
  return q & 2 ? -y : y
}

/** sin(r + tail) for |r| <= pi/4 and |tail| below one ulp of r. */
function sinNear0(r: number, tail: number): number {
  const z = r * r
  let sum = 1
  for (let n = 16; n > 2; n -= 2) sum = 1 - (sum * z) / (n * (n + 1))
  // r - r^3/6 sum + tail cos r
  return r - ((z * r * sum) / 6 - tail * (1 - z / 2))
}

/** cos(r + tail) for |r| <= pi/4 and |tail| below one ulp of r. */
function cosNear0(r: number, tail: number): number {
  const z = r * r
  let sum = 1
  for (let n = 17; n > 3; n -= 2) sum = 1 - (sum * z) / (n * (n + 1))
  // 1 - r^2/2 + r^4/24 sum - tail sin r; (1 - head - half) restores the rounding error of 1 - r^2/2
  const half = z / 2
  const head = 1 - half
  return head + (1 - head - half + ((z * z * sum) / 24 - r * tail))
}

const SQRT_PI = 1.7724538509055159

/** erfc(x) = 2/sqrt(pi) times the integral of exp(-t^2) from x to infinity. Relative error below 2e-13 for |x| <= 26. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  if (x < 2) {
    // erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, all terms positive
    let term = x
    let sum = x
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - ((2 * exp(-x * x)) / SQRT_PI) * sum
  }
  // Laplace's continued fraction, evaluated from the innermost term
  let fraction = 0
  for (let n = 120; n > 0; n--) fraction = n / 2 / (x + fraction)
  return exp(-x * x) / (SQRT_PI * (x + fraction))
}

const SQRT_2PI = 2.5066282746310002

/** The density of the standard normal distribution. */
export function normalDensity(z: number): number {
  return Number.isFinite(z) ? exp((-z * z) / 2) / SQRT_2PI : 0
}

/** The probability that a standard normal variable exceeds z. */
export function normalSurvival(z: number): number {
  if (z === Infinity) return 0
  return z === -Infinity ? 1 : erfc(z / Math.SQRT2) / 2
}
