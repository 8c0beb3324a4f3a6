/**
 * Distributions: what a strategy becomes once the shape is known. A distribution depends on no fans, layout or depth;
 * together with the dtype and the key it determines every byte.
 */

import type {
  ConstantStrategy,
  NormalStrategy,
  TruncatedNormalStrategy,
  UniformStrategy,
} from '../strategies/elementary.ts'
import type { FormulaDistribution } from './formulas.ts'
import type { MatrixDistribution } from './matrix-plan.ts'

/** What the kernels sample. Each has the fields of the strategy of the same name. */
export type SampledDistribution =
  | ConstantStrategy
  | NormalStrategy
  | UniformStrategy
  | TruncatedNormalStrategy

/** Every distribution but zeroRows. */
export type BaseDistribution = SampledDistribution | FormulaDistribution | MatrixDistribution

/** Another distribution, with some rows set to 0. */
export interface ZeroRowsDistribution {
  /** The name of the strategy. */
  readonly type: 'zeroRows'
  /** Indices of the rows that are 0, ascending. */
  readonly rows: readonly number[]
  /** Number of rows: the size of the first axis. */
  readonly height: number
  /** Elements of a row. */
  readonly width: number
  /** The distribution of the other rows. */
  readonly of: BaseDistribution
}

/**
 * What a strategy becomes for a shape: a constant, normal, uniform or truncated normal distribution, or a strategy that
 * reads the shape together with that shape.
 */
export type Distribution = BaseDistribution | ZeroRowsDistribution

/** The ranges of elements that zeroRows sets to 0. */
export function listZeroRanges(distribution: Distribution): { first: number; count: number }[] {
  if (distribution.type !== 'zeroRows') return []
  const { rows, width } = distribution
  return rows.map((row) => ({ first: row * width, count: width }))
}
