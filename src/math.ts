/**
 * exp and erfc in f64 from + - * / alone, so that every engine reports the same figure: Math.exp may differ
 * in its last place from engine to engine. Nothing here is on a value's path; see `quantile.ts` for that.
 */

const LN2_HIGH = 0.693147180369123816 // ln 2 to 33 bits: multiples below 2^11 are exact
const LN2_LOW = 1.9082149292705877e-10 // ln 2 - LN2_HIGH

/** e^x. Relative error below 4e-16 for |x| <= 700; 0 and Infinity beyond the range of f64. */
export function exp(x: number): number {
  if (x < -745) return 0
  if (x > 709.8) return Infinity
  const k = Math.round(x / (LN2_HIGH + LN2_LOW))
  const r = x - k * LN2_HIGH - k * LN2_LOW // |r| <= 0.35
  let sum = 1
  for (let n = 17; n > 0; n--) sum = 1 + (sum * r) / n
  const half = Math.trunc(k / 2)
  return sum * 2 ** half * 2 ** (k - half)
}

const SQRT_PI = 1.7724538509055159

/** erfc(x) = 2/sqrt(pi) times the integral of exp(-t^2) from x. Relative error below 2e-13 for |x| <= 26. */
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
  // Laplace's continued fraction, from the far end
  let fraction = 0
  for (let n = 120; n > 0; n--) fraction = n / 2 / (x + fraction)
  return exp(-x * x) / (SQRT_PI * (x + fraction))
}

const SQRT_2PI = 2.5066282746310002

/** Density of the standard normal. */
export function normalDensity(z: number): number {
  return Number.isFinite(z) ? exp((-z * z) / 2) / SQRT_2PI : 0
}

/** The fraction of the standard normal above z. */
export function normalAbove(z: number): number {
  if (z === Infinity) return 0
  return z === -Infinity ? 1 : erfc(z / Math.SQRT2) / 2
}
