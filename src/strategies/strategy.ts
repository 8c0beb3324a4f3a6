/**
 * Strategies: what a user asks for, as plain data `{ type, ... }` that survives JSON. What a strategy means for a shape
 * is in `distributions/`.
 */

import { BASE_FACTORIES, createStrategy, type InputOf, type StrategyOf } from './registry.ts'
import { zeroRows } from './zero-rows.ts'

const STRATEGY_FACTORIES = { ...BASE_FACTORIES, zeroRows }

/** How a tensor is initialized, as plain data with every default filled in: what `normal` and its like return. */
export type Strategy = StrategyOf<typeof STRATEGY_FACTORIES>

/**
 * What is accepted wherever a strategy is taken: a strategy, plain data whose defaults are left out, such as
 * `{ type: 'normal', std: 0.02 }`, or the name of a strategy that needs no options, such as `'heNormal'`.
 */
export type StrategyInput = InputOf<typeof STRATEGY_FACTORIES> | Strategy

export const STRATEGY_TYPES = Object.keys(STRATEGY_FACTORIES) as (keyof typeof STRATEGY_FACTORIES)[]

/**
 * Checks a strategy given as a name or as plain data, from JSON for example, and fills in its defaults. A named variance
 * scaling such as `'heNormal'` becomes the `varianceScaling` that it stands for.
 *
 * @param value A strategy, its name or its data.
 * @param title What errors call the value. Default 'strategy'.
 * @returns The strategy, as plain data with every default filled in.
 * @throws TypeError or RangeError if the value is not a strategy, or one of its fields is out of its range.
 * @example
 * import { parseStrategy } from 'simdinit'
 * console.log(parseStrategy('normal')) // { type: 'normal', mean: 0, std: 1 }
 * console.log(parseStrategy({ type: 'normal', std: 0.02 })) // { type: 'normal', mean: 0, std: 0.02 }
 */
export function parseStrategy(value: StrategyInput | unknown, title = 'strategy'): Strategy {
  return createStrategy(STRATEGY_FACTORIES, value, title)
}
