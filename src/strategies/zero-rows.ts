/** Rows of zeros in another strategy: the padding row of an embedding, for example. */

import { checkInteger, checkObject, throwTypeError } from '../errors/validate.ts'
import { BASE_FACTORIES, createStrategy, type BaseStrategy, type BaseStrategyInput } from './registry.ts'

/** Another strategy, with some rows set to 0. */
export interface ZeroRowsStrategy {
  /** The name of the strategy. */
  readonly type: 'zeroRows'
  /** Indices of the first axis, ascending. */
  readonly rows: readonly number[]
  /** The strategy of the other rows. */
  readonly strategy: BaseStrategy
}

/**
 * Another strategy, with some rows (indices of the first axis) set to 0, such as the padding row of an embedding. The
 * other rows have the values that they have without it. Source: torch.nn.Embedding(padding_idx).
 *
 * @param options `rows`: indices >= 0 of the first axis. `strategy`: any strategy but zeroRows.
 * @returns The strategy, as plain data, with `rows` sorted and without duplicates.
 * @throws TypeError or RangeError if `rows` are not indices, or `strategy` is not a strategy.
 * @example
 * import { zeroRows } from 'simdinit'
 * console.log(zeroRows({ rows: [0], strategy: 'ones' })) // { type: 'zeroRows', rows: [ 0 ], strategy: { type: 'ones' } }
 */
export function zeroRows(options: {
  rows: readonly number[]
  strategy: BaseStrategyInput
}): ZeroRowsStrategy {
  const { rows, strategy } = checkObject('zeroRows', options, ['rows', 'strategy'])
  if (!Array.isArray(rows)) throwTypeError('rows', 'an array of indices', rows)
  const indices = rows.map((row, i) => checkInteger(`rows[${i}]`, row))
  return {
    type: 'zeroRows',
    rows: [...new Set(indices)].toSorted((a, b) => a - b),
    strategy: createStrategy(BASE_FACTORIES, strategy, 'strategy'),
  }
}
