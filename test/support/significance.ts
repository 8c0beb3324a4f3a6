/**
 * Tail probabilities ("p-values") of the statistics of goodness of fit. `test/properties/significance.test.ts` compares
 * them with SciPy's.
 */

import { erfc } from '../../src/numeric/math.ts'

/** The two-sided p-value of a normal statistic that is z standard errors off. */
export function normalPValue(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2)
}

/**
 * The p-value of Kolmogorov's statistic D of n values: Kolmogorov's series for large n (both of its forms), with the
 * correction of Stephens (1970), accurate from n = 5.
 */
export function kolmogorovPValue(D: number, n: number): number {
  const x = D * (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n))
  let sum = 0
  if (x < 1) {
    for (let k = 1; k < 20; k += 2) sum += Math.exp(-((k * Math.PI) ** 2) / (8 * x * x))
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum
  }
  for (let k = 1; k < 20; k++) sum += (k % 2 ? 2 : -2) * Math.exp(-2 * k * k * x * x)
  return sum
}

/**
 * The p-value of Anderson and Darling's A^2 of many values: their series (1952, formula 4.29; the integrals by the
 * trapezoidal rule), and beyond 10 the tail of its largest component, sqrt(3) erfc(sqrt(A^2)) (Zolotarev, 1961).
 */
export function andersonDarlingPValue(z: number): number {
  if (z > 10) return Math.sqrt(3) * erfc(Math.sqrt(z))
  let [sum, binomial] = [0, 1] // binomial: -1/2 over j
  for (let j = 0; j < 12; j++) {
    const t = ((4 * j + 1) * Math.PI) / Math.sqrt(8 * z)
    let integral = 0
    for (let s = 0; s < 7; s += 0.01) {
      integral += Math.exp(z / (8 * (1 + (s / t) ** 2)) - s * s) * (s === 0 ? 0.005 : 0.01)
    }
    sum += (binomial * (4 * j + 1) * Math.exp(-t * t) * integral) / t
    binomial *= -(2 * j + 1) / (2 * j + 2)
  }
  return Math.min(1, Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / z) * sum))
}

/** The p-value of chi-square: the incomplete gamma function by its series or its continued fraction. */
export function chiSquarePValue(x: number, degreesOfFreedom: number): number {
  const [a, y] = [degreesOfFreedom / 2, x / 2]
  const scale = Math.exp(a * Math.log(y) - y - logGamma(a))
  if (y < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; term > sum * 1e-16; n++) {
      term *= y / (a + n)
      sum += term
    }
    return 1 - scale * sum
  }
  // Lentz's method for the continued fraction
  let b = y + 1 - a
  let [c, d] = [1e300, 1 / b]
  let fraction = d
  for (let n = 1; ; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    fraction *= c * d
    if (Math.abs(c * d - 1) < 1e-15) return scale * fraction
  }
}

/** The exact two-sided p-value of k successes of n, each with probability p: twice the smaller tail. */
export function binomialPValue(k: number, n: number, p: number): number {
  const odds = p / (1 - p)
  const at = Math.exp(
    logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p),
  )
  let [up, down] = [at, at]
  for (let i = k, term = at; i < n && term > up * 1e-17; i++) up += term *= ((n - i) / (i + 1)) * odds
  for (let i = k, term = at; i > 0 && term > down * 1e-17; i--) down += term *= i / (n - i + 1) / odds
  return Math.min(1, 2 * up, 2 * down)
}

/** ln Gamma(x), x > 0, by Stirling's series. */
function logGamma(x: number): number {
  let shift = 0
  for (; x < 15; x++) shift -= Math.log(x)
  const y = 1 / (x * x)
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x
  return shift + (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series
}
