/** The standard deviation that the elements of a distribution have, for reports. No value of a tensor depends on it. */

import { computeTruncatedStd } from '../numeric/truncated-normal.ts'
import type { BaseDistribution, Distribution } from './distribution.ts'
import { compileFormula, computeFormulaStd } from './formulas.ts'
import { isMatrixDistribution, planMatrix } from './matrix-plan.ts'

/**
 * The standard deviation of a distribution's values, after truncation and including rows of zeros. The relative error
 * is below 1e-9, of formulas below 1e-6.
 *
 * @param distribution What `resolveDistribution` returns.
 * @returns The standard deviation; 0 for constants and for formulas that do not sample.
 * @throws RangeError for a shape that the distribution does not fit.
 * @example
 * import { effectiveStd, resolveDistribution } from 'simdinit'
 * console.log(effectiveStd(resolveDistribution('xavierNormal', [50, 50]))) // 0.1414213562373095
 */
export function effectiveStd(distribution: Distribution): number {
  switch (distribution.type) {
    case 'constant':
      return 0
    case 'normal':
      return distribution.std
    case 'uniform':
      return (distribution.high - distribution.low) / Math.sqrt(12)
    case 'truncatedNormal': {
      const { mean, std, low = -Infinity, high = Infinity } = distribution
      return std === 0 ? 0 : std * computeTruncatedStd((low - mean) / std, (high - mean) / std)
    }
    case 'zeroRows': {
      const { rows, height, of } = distribution
      const rest = height === 0 ? 0 : 1 - rows.length / height
      const mean = getMean(of)
      return Math.sqrt(rest * (effectiveStd(of) ** 2 + (1 - rest) * mean * mean))
    }
    default:
      return isMatrixDistribution(distribution)
        ? planMatrix(distribution).std
        : computeFormulaStd(compileFormula(distribution))
  }
}

/** The mean next to rows of zeros, 0 for the types that are centered or whose mean is not computed. */
function getMean(distribution: BaseDistribution): number {
  switch (distribution.type) {
    case 'constant':
      return distribution.value
    case 'uniform':
      return (distribution.low + distribution.high) / 2
    case 'normal':
      return distribution.mean
    default:
      return 0
  }
}
