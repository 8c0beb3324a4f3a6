/**
 * The registry of strategies: one entry per factory. The type `Strategy`, the names that `parseStrategy` accepts and
 * the types of plain data all follow from it. `zeroRows`, which wraps another strategy, is added in `strategy.ts`.
 */

import { checkOneOf, throwTypeError } from '../errors/validate.ts'
import { constant, normal, ones, residualNormal, truncatedNormal, uniform, zeros } from './elementary.ts'
import {
  arange,
  bilinear,
  dirac,
  forgetGateBias,
  griffinRecurrence,
  identity,
  logArange,
  logOfUniform,
  logUniform,
  mambaDtBias,
  sinusoidal,
  stft,
} from './formula-strategies.ts'
import { deltaOrthogonal, orthogonal, sparse } from './matrix-strategies.ts'
import {
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  varianceScaling,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
} from './variance-scaling.ts'

/** By name. The named variance scalings are here too, so that data may use the names that people know. */
export const BASE_FACTORIES = {
  zeros,
  ones,
  constant,
  normal,
  uniform,
  truncatedNormal,
  varianceScaling,
  residualNormal,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  identity,
  dirac,
  bilinear,
  forgetGateBias,
  arange,
  logArange,
  sinusoidal,
  stft,
  logUniform,
  logOfUniform,
  mambaDtBias,
  griffinRecurrence,
  orthogonal,
  deltaOrthogonal,
  sparse,
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

/** Every strategy but `zeroRows`. */
export type BaseStrategy = StrategyOf<typeof BASE_FACTORIES>
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
