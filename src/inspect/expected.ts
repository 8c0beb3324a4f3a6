/** Whether the recipe of a model explains a tensor: its shape, mean and std, within the error of a sample. */

import { realisedStd, type Distribution } from '../distribution.ts'
import { decode, encode, FORMATS } from '../dtypes.ts'
import type { PlannedTensor } from '../models/index.ts'
import type { StoredTensor } from '../safetensors/reader.ts'
import type { Strategy } from '../strategies.ts'
import { agree, formulaFor } from './fixed.ts'
import { ROUNDING, stdError } from './nearest.ts'
import type { Statistics } from './statistics.ts'
import { NARROW } from './widen.ts'

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
const MOST_ERRORS = 6

interface Found {
  readonly statistics: Statistics
  readonly shape: readonly number[]
  readonly dtype: StoredTensor['dtype']
}

export function expectationOf({ strategy, distribution, shape }: PlannedTensor, found: Found): Expectation {
  const std = realisedStd(distribution)
  const base = { strategy, distribution, std }
  const departs = (departs: Expectation['departs'], errors?: number): Expectation =>
    errors === undefined
      ? { ...base, explained: false, departs }
      : { ...base, explained: false, departs, errors }
  if (shape.join() !== found.shape.join()) return departs('shape')
  const { finite, min, max, mean, kurtosis } = found.statistics
  if (finite === 0) return { ...base, explained: true }
  if (distribution.type === 'constant') {
    const value = rounded(distribution.value, found.dtype)
    return min === value && max === value ? { ...base, explained: true } : departs('values')
  }
  const formula = formulaFor(distribution)
  if (formula) {
    const same = agree(found.statistics, formula, (value) => rounded(Math.fround(value), found.dtype))
    return same ? { ...base, explained: true } : departs('values')
  }
  const rounding = ROUNDING[found.dtype] ?? 1e-6
  // outliers, which are said by themselves, must not excuse a std
  const peaked = isDrawn(distribution) ? 3 : Math.max(3, kurtosis)
  const off = Math.abs(found.statistics.std / std - 1)
  const errors = Math.max(0, off - rounding) / stdError(finite, peaked)
  if (errors > MOST_ERRORS && finite > 1) return departs('std', errors)
  if (isDrawn(distribution)) {
    const away = Math.abs(mean - centreOf(distribution)) / std
    const errors = Math.max(0, away - rounding) * Math.sqrt(finite)
    if (errors > MOST_ERRORS) return departs('mean', errors)
  }
  return { ...base, explained: true }
}

type Drawn = Distribution & { type: 'normal' | 'uniform' | 'truncatedNormal' }

function isDrawn(distribution: Distribution): distribution is Drawn {
  return ['normal', 'uniform', 'truncatedNormal'].includes(distribution.type)
}

/** Cut normals are taken to be cut evenly. */
function centreOf(distribution: Drawn): number {
  return distribution.type === 'uniform' ? (distribution.low + distribution.high) / 2 : distribution.mean
}

/** What a value is in the dtype of the file. */
function rounded(value: number, stored: StoredTensor['dtype']): number {
  const dtype = NARROW[stored]
  if (!dtype || Math.abs(value) > FORMATS[dtype].max) return Math.fround(value)
  return decode(dtype, encode(dtype, value))
}
