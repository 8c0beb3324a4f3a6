/** The standard deviation of the standard normal distribution truncated to an interval. Reports and scales use it. */

import { exp, normalDensity, normalSurvival } from './math.ts'

/**
 * For [-2, 2]: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)), which `test/distributions/distribution.test.ts` computes. Keras and
 * JAX use the same constant.
 */
export const TRUNCATED_STD = 0.87962566103423978

/** For [low, high], either of which may be infinite. Relative error below 1e-9. */
export function computeTruncatedStd(low: number, high: number): number {
  let [a, b] = [low, high]
  if (a > 0) [a, b] = [-b, -a] // the mirror image, whose tail probabilities are small numbers, not 1 - small
  if (b - a < 0.1) return computeNarrowStd(a, b) // the closed form would lose its digits
  const mass = b > 0 ? 1 - normalSurvival(-a) - normalSurvival(b) : normalSurvival(-b) - normalSurvival(-a)
  const atBounds =
    (Number.isFinite(a) ? a * normalDensity(a) : 0) - (Number.isFinite(b) ? b * normalDensity(b) : 0)
  const mean = (normalDensity(a) - normalDensity(b)) / mass
  return Math.sqrt(1 + atBounds / mass - mean * mean)
}

/** For a narrow [a, b], by Simpson's rule. */
function computeNarrowStd(a: number, b: number): number {
  const panels = 64
  const h = (b - a) / panels
  const moments = [0, 0, 0] // of the distance from a, relative to the density at a
  for (let i = 0; i <= panels; i++) {
    const x = i * h
    const weight = (i === 0 || i === panels ? 1 : i % 2 ? 4 : 2) * exp(-x * (a + x / 2))
    for (let k = 0; k < 3; k++) moments[k] += weight * x ** k
  }
  const mean = moments[1] / moments[0]
  return Math.sqrt(moments[2] / moments[0] - mean * mean)
}
