/** Whether the recipe of a model explains a tensor: its shape, mean and std, within the error of a sample. */

import { effectiveStd } from '../distributions/effective-std.ts'
import type { Distribution } from '../distributions/distribution.ts'
import { decode, encode, FORMATS } from '../numeric/dtypes.ts'
import type { PlannedTensor } from '../models/index.ts'
import type { StoredTensor } from '../safetensors/reader.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { matchesFormula, getDeterministicFormula } from './deterministic.ts'
import { DTYPE_STD_TOLERANCE, computeStdError } from './fit-distribution.ts'
import type { Statistics } from './statistics.ts'
import { NARROW_DTYPES } from './to-f32.ts'

export interface Expectation {
  readonly strategy: Strategy
  readonly distribution: Distribution
  readonly std: number
  /** Is the tensor as the recipe says? */
  readonly explained: boolean
  /** What is not: one of them. */
  readonly departs?: 'shape' | 'values' | 'std' | 'mean'
  /** By how many standard errors of a sample, for 'std' and 'mean'. */
  readonly errors?: number
}

/** Standard errors that a sample may be off: one in five hundred million is further. */
const MAX_STANDARD_ERRORS = 6

interface MeasuredTensor {
  readonly statistics: Statistics
  readonly shape: readonly number[]
  readonly dtype: StoredTensor['dtype']
}

export function compareWithRecipe(
  { strategy, distribution, shape }: PlannedTensor,
  found: MeasuredTensor,
): Expectation {
  const std = effectiveStd(distribution)
  const base = { strategy, distribution, std }
  const departs = (departs: Expectation['departs'], errors?: number): Expectation =>
    errors === undefined
      ? { ...base, explained: false, departs }
      : { ...base, explained: false, departs, errors }
  if (shape.join() !== found.shape.join()) return departs('shape')
  const { finite, min, max, mean, kurtosis } = found.statistics
  if (finite === 0) return { ...base, explained: true }
  if (distribution.type === 'constant') {
    const value = roundToDtype(distribution.value, found.dtype)
    return min === value && max === value ? { ...base, explained: true } : departs('values')
  }
  const formula = getDeterministicFormula(distribution)
  if (formula) {
    const same = matchesFormula(found.statistics, formula, (value) =>
      roundToDtype(Math.fround(value), found.dtype),
    )
    return same ? { ...base, explained: true } : departs('values')
  }
  const rounding = DTYPE_STD_TOLERANCE[found.dtype] ?? 1e-6
  // outliers, which are said by themselves, must not excuse a std
  const peaked = isRandom(distribution) ? 3 : Math.max(3, kurtosis)
  const off = Math.abs(found.statistics.std / std - 1)
  const errors = Math.max(0, off - rounding) / computeStdError(finite, peaked)
  if (errors > MAX_STANDARD_ERRORS && finite > 1) return departs('std', errors)
  if (isRandom(distribution)) {
    const away = Math.abs(mean - computeCenter(distribution)) / std
    const errors = Math.max(0, away - rounding) * Math.sqrt(finite)
    if (errors > MAX_STANDARD_ERRORS) return departs('mean', errors)
  }
  return { ...base, explained: true }
}

type RandomDistribution = Distribution & { type: 'normal' | 'uniform' | 'truncatedNormal' }

function isRandom(distribution: Distribution): distribution is RandomDistribution {
  return ['normal', 'uniform', 'truncatedNormal'].includes(distribution.type)
}

/** Cut normals are taken to be cut evenly. */
function computeCenter(distribution: RandomDistribution): number {
  return distribution.type === 'uniform' ? (distribution.low + distribution.high) / 2 : distribution.mean
}

/** What a value is in the dtype of the file. */
function roundToDtype(value: number, stored: StoredTensor['dtype']): number {
  const dtype = NARROW_DTYPES[stored]
  if (!dtype || Math.abs(value) > FORMATS[dtype].max) return Math.fround(value)
  return decode(dtype, encode(dtype, value))
}
