/** Values that do not depend on the seed: constants, and formulas such as Whisper's positions and Mamba's A_log. */

import type { Distribution } from './distribution.ts'
import { compileFormula, type Formula } from './formulas.ts'
import { isMatrixDistribution } from './matrix-plan.ts'

export function isDeterministic(distribution: Distribution): boolean {
  return distribution.type === 'constant' || getDeterministicFormula(distribution) !== undefined
}

/** The formula of values that neither depend on the seed nor are all the same, or undefined. */
export function getDeterministicFormula(distribution: Distribution): Formula | undefined {
  if (!('shape' in distribution) || isMatrixDistribution(distribution)) return undefined
  const formula = compileFormula(distribution)
  return formula.isSampled ? undefined : formula
}
