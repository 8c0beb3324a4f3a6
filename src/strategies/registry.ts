/**
 * The registry of strategies. Each file that defines strategy types ends with a record of its factories; the type `Strategy`, the
 * names that `parseStrategy` accepts and the types of plain data follow from these records. `zeroRows`, which wraps
 * another strategy, is added in `strategy.ts`.
 */

import { checkOneOf, throwTypeError } from '../errors/validate.ts'
import { ELEMENTARY_FACTORIES } from './elementary.ts'
import { FORMULA_FACTORIES } from './formula-strategies.ts'
import { MATRIX_FACTORIES } from './matrix-strategies.ts'
import { TRANSFORMER_FACTORIES } from './transformer-scaling.ts'
import { SCALING_FACTORIES } from './variance-scaling.ts'

/** Every factory but `zeroRows`, by name. */
export const BASE_FACTORIES = {
  ...ELEMENTARY_FACTORIES,
  ...TRANSFORMER_FACTORIES,
  ...SCALING_FACTORIES,
  ...FORMULA_FACTORIES,
  ...MATRIX_FACTORIES,
}

type Factory = (options: never) => { readonly type: string }
type Factories = Readonly<Record<string, Factory>>

/** What any of the factories returns. */
export type StrategyOf<F extends Factories> = ReturnType<F[keyof F]>

/**
 * What stands for a strategy of the factories: the name of one whose options may all be left out, or its options with
 * their `type`.
 */
export type InputOf<F extends Factories> =
  | { [K in keyof F]: [] extends Parameters<F[K]> ? K : never }[keyof F]
  | { [K in keyof F]: Flat<{ readonly type: K } & OptionsOf<F[K]>> }[keyof F]
type OptionsOf<F extends Factory> = NonNullable<Parameters<F>[0]>
type Flat<T> = { [K in keyof T]: T[K] }

/** A strategy of any type but `zeroRows`. */
export type BaseStrategy = StrategyOf<typeof BASE_FACTORIES>
/** What is accepted for a `BaseStrategy`: the strategy, its name, or plain data whose defaults are left out. */
export type BaseStrategyInput = InputOf<typeof BASE_FACTORIES>

/** Calls the factory that `value` names, with the options that it has. `title` is what errors call the value. */
export function createStrategy<F extends Factories>(
  factories: F,
  value: unknown,
  title: string,
): StrategyOf<F> {
  if (typeof value === 'function' && value.name !== '') {
    throwTypeError(
      title,
      'a strategy',
      value,
      `: call it, ${value.name}(${value.length > 0 ? '{ ... }' : ''})`,
    )
  }
  const names = Object.keys(factories)
  if (typeof value === 'string') return callFactory(factories, checkOneOf(title, value, names), {})
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throwTypeError(title, "a strategy such as normal({ std: 0.02 }) or 'heNormal'", value)
  }
  const { type, ...options } = value as { type?: unknown }
  return callFactory(factories, checkOneOf(`${title}.type`, type, names), options)
}

function callFactory<F extends Factories>(factories: F, name: string, options: object): StrategyOf<F> {
  return factories[name](options as never) as StrategyOf<F>
}
