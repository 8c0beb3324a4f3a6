/** Compares a tensor with the recipe of its model: shape, mean and std, within the error of a random sample. */

import { getDeterministicFormula } from '../distributions/deterministic.ts'
import { effectiveStd } from '../distributions/effective-std.ts'
import type { Distribution } from '../distributions/distribution.ts'
import type { Formula } from '../distributions/formulas.ts'
import type { PlannedTensor } from '../models/index.ts'
import { decode, encode, FORMATS } from '../numeric/dtypes.ts'
import type { StoredDtype } from '../safetensors/read-header.ts'
import { DTYPE_STD_TOLERANCE, computeStdError } from './fit-distribution.ts'
import { NARROW_DTYPES } from './to-f32.ts'
import type { Expectation, Statistics } from './inspection-records.ts'

/** Standard errors that a matching tensor may deviate by: one sample in five hundred million exceeds it. */
const MAX_STANDARD_ERRORS = 6

interface MeasuredTensor {
  readonly statistics: Statistics
  readonly shape: readonly number[]
  readonly dtype: StoredDtype
}

type Mismatch = Pick<Expectation, 'departs' | 'errors'>

export function compareWithRecipe(
  { strategy, distribution, shape }: Pick<PlannedTensor, 'strategy' | 'distribution' | 'shape'>,
  tensor: MeasuredTensor,
): Expectation {
  const std = effectiveStd(distribution)
  const mismatch =
    shape.join() === tensor.shape.join()
      ? findMismatch(distribution, std, tensor)
      : { departs: 'shape' as const }
  return { strategy, distribution, std, explained: mismatch === undefined, ...mismatch }
}

function findMismatch(
  distribution: Distribution,
  std: number,
  { statistics, dtype }: MeasuredTensor,
): Mismatch | undefined {
  const { finite, min, max, mean, kurtosis } = statistics
  if (finite === 0) return undefined
  if (distribution.type === 'constant') {
    const value = roundToDtype(distribution.value, dtype)
    return min === value && max === value ? undefined : { departs: 'values' }
  }
  const formula = getDeterministicFormula(distribution)
  if (formula) return matchesFormula(statistics, formula, dtype) ? undefined : { departs: 'values' }
  const rounding = DTYPE_STD_TOLERANCE[dtype] ?? 1e-6
  // the kurtosis of a sampled distribution is known; outliers, which are reported separately, must not widen the test
  const expectedKurtosis = isSampled(distribution) ? 3 : Math.max(3, kurtosis)
  const stdDeviation = Math.abs(statistics.std / std - 1)
  const stdErrors = Math.max(0, stdDeviation - rounding) / computeStdError(finite, expectedKurtosis)
  if (stdErrors > MAX_STANDARD_ERRORS && finite > 1) return { departs: 'std', errors: stdErrors }
  if (!isSampled(distribution)) return undefined
  const meanDeviation = Math.abs(mean - getMean(distribution)) / std
  const meanErrors = Math.max(0, meanDeviation - rounding) * Math.sqrt(finite)
  return meanErrors > MAX_STANDARD_ERRORS ? { departs: 'mean', errors: meanErrors } : undefined
}

type RandomDistribution = Distribution & { type: 'normal' | 'uniform' | 'truncatedNormal' }

function isSampled(distribution: Distribution): distribution is RandomDistribution {
  return ['normal', 'uniform', 'truncatedNormal'].includes(distribution.type)
}

/** Truncated normals are assumed to be cut symmetrically. */
function getMean(distribution: RandomDistribution): number {
  return distribution.type === 'uniform' ? (distribution.low + distribution.high) / 2 : distribution.mean
}

/** Whether the statistics are those of the formula's values, rounded to the dtype of the file. */
function matchesFormula(statistics: Statistics, { evaluate, maxAbs }: Formula, dtype: StoredDtype): boolean {
  let [sum, squares, min, max] = [0, 0, Infinity, -Infinity]
  for (let i = 0; i < statistics.count; i++) {
    const value = roundToDtype(Math.fround(evaluate(i, 0)), dtype)
    sum += value
    squares += value * value
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const mean = sum / statistics.count
  const std = Math.sqrt(Math.max(0, squares / statistics.count - mean * mean))
  const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-5 * maxAbs
  return (
    statistics.min === min &&
    statistics.max === max &&
    isClose(statistics.mean, mean) &&
    isClose(statistics.std, std)
  )
}

/** The value as the file stores it. */
function roundToDtype(value: number, stored: StoredDtype): number {
  const dtype = NARROW_DTYPES[stored]
  if (!dtype || Math.abs(value) > FORMATS[dtype].max) return Math.fround(value)
  return decode(dtype, encode(dtype, value))
}
