/** Values that are the same whatever the seed is: constants, and formulas such as Whisper's positions, Mamba's A_log. */

import { isMatrixDistribution } from '../distributions/matrix-plan.ts'
import { compileFormula, type Formula } from '../distributions/formulas.ts'
import type { Distribution } from '../distributions/distribution.ts'
import type { Statistics } from './statistics.ts'

export function isDeterministic(distribution: Distribution): boolean {
  return distribution.type === 'constant' || getDeterministicFormula(distribution) !== undefined
}

/** The formula of fixed values that are not constant. */
export function getDeterministicFormula(distribution: Distribution): Formula | undefined {
  if (!('shape' in distribution) || isMatrixDistribution(distribution)) return undefined
  const formula = compileFormula(distribution)
  return formula.isSampled ? undefined : formula
}

/** Are the statistics those of the formula's values, each of them `stored` as the file does? */
export function matchesFormula(
  found: Statistics,
  { evaluate, maxAbs }: Formula,
  stored: (value: number) => number,
): boolean {
  let [sum, squares, min, max] = [0, 0, Infinity, -Infinity]
  for (let i = 0; i < found.count; i++) {
    const value = stored(evaluate(i, 0))
    sum += value
    squares += value * value
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const mean = sum / found.count
  const std = Math.sqrt(Math.max(0, squares / found.count - mean * mean))
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-5 * maxAbs
  return found.min === min && found.max === max && near(found.mean, mean) && near(found.std, std)
}
