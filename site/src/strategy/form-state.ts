/**
 * The state of the form, and the request to the library that it stands for. Text is passed on as it was typed, because
 * the library validates it: a text that is not a number gives an error of the library.
 */

import {
  parseStrategy,
  resolveDistribution,
  DTYPES,
  computeFans,
  zeroRows,
  type BaseStrategy,
  type Distribution,
  type Dtype,
  type Fans,
  type Layout,
  type Seed,
  type Strategy,
} from 'simdinit'
import { choiceField, createPartState, textField } from '../address-state.ts'
import {
  getEntry,
  STRATEGY_NAMES,
  PARAMETER_NAMES,
  ROWS_PARAMETER,
  type Parameter,
  type ParameterName,
} from './catalog.ts'

const fields = Object.fromEntries(PARAMETER_NAMES.map((name) => [name, textField('', 40)])) as Record<
  ParameterName,
  ReturnType<typeof textField>
>

export const state = createPartState('strategy', {
  type: choiceField(STRATEGY_NAMES, 'heNormal'),
  ...fields,
  shape: textField('512, 256', 120),
  layout: choiceField<Layout>(['oi', 'io'], 'oi'),
  dtype: choiceField<Dtype>(DTYPES, 'f32'),
  seed: textField('0', 80),
  name: textField('layer.weight', 120),
})

export type OptionValue = number | string | readonly (number | string)[]

/** A tensor and its target distribution. */
export interface TensorRequest {
  readonly type: (typeof STRATEGY_NAMES)[number]
  /** The options of the strategy that are set, for its code. */
  readonly options: Readonly<Record<string, OptionValue>>
  readonly strategy: BaseStrategy
  /** The rows that are set to 0. */
  readonly rows: readonly number[]
  /** The strategy with these rows, which is drawn. */
  readonly fullStrategy: Strategy
  readonly distribution: Distribution
  /** The fans that the strategy uses, if it uses any. */
  readonly fans: Partial<Fans>
  readonly shape: readonly number[]
  readonly size: number
  readonly layout: Layout
  readonly dtype: Dtype
  readonly seed: Seed
  readonly name: string
}

/** Throws the error of the library if a field is wrong. */
export function readRequest(): TensorRequest {
  const { type, layout, dtype } = state
  const { options, strategy } = readStrategy()
  const rows = parseList(state[ROWS_PARAMETER.name].value) as number[]
  const fullStrategy = rows.length > 0 ? zeroRows({ rows, strategy }) : strategy
  const shape = parseList(state.shape.value) as number[]
  computeFans([...shape, 1, 1], 'oi') // validates every dimension, also for scalars and vectors
  return {
    type: type.value,
    options,
    strategy,
    rows: fullStrategy.type === 'zeroRows' ? fullStrategy.rows : [],
    fullStrategy,
    distribution: resolveDistribution(fullStrategy, shape, layout.value),
    fans: computeStrategyFans(strategy, shape, layout.value),
    shape,
    size: shape.reduce((product, n) => product * n, 1),
    layout: layout.value,
    dtype: dtype.value,
    seed: parseSeed(state.seed.value),
    name: state.name.value,
  }
}

/** The strategy without its rows of zeros. */
function readStrategy(): Pick<TensorRequest, 'options' | 'strategy'> {
  const type = state.type.value
  const { parameters, more } = getEntry(type)
  const options: Record<string, OptionValue> = {}
  for (const parameter of [...parameters, ...more]) {
    const typed = state[parameter.name].value.trim() || parameter.initial
    if (typed !== '' && parameter !== ROWS_PARAMETER) options[parameter.name] = parseOption(typed, parameter)
  }
  return { options, strategy: parseStrategy({ type, ...options }) as BaseStrategy }
}

function parseOption(typed: string, { choices, isList }: Parameter): OptionValue {
  if (choices) return typed
  if (!isList) return parseNumberOrText(typed)
  const items = parseList(typed)
  return items.length === 1 ? items[0] : items
}

/** The fans that the strategy uses, or those of the shape. */
export function readFans(): Partial<Fans> {
  try {
    const shape = parseList(state.shape.value) as number[]
    const { strategy } = readStrategy()
    const layout = state.layout.value
    return strategy.type === 'varianceScaling'
      ? computeStrategyFans(strategy, shape, layout)
      : computeFans(shape, layout)
  } catch {
    return {}
  }
}

/** The fans that a strategy uses, from the standard deviation that the library derives: the fan is 1 / std². */
function computeStrategyFans(strategy: Strategy, shape: readonly number[], layout: Layout): Partial<Fans> {
  if (strategy.type !== 'varianceScaling') return {}
  const inferFan = (mode: 'fanIn' | 'fanOut') => {
    try {
      const distribution = resolveDistribution(
        { ...strategy, mode, scale: 1, gain: 1, distribution: 'normal' },
        shape,
        layout,
      )
      return distribution.type === 'normal' ? Number((1 / distribution.std ** 2).toPrecision(12)) : undefined
    } catch {
      return undefined // the shape has no such fan
    }
  }
  return { fanIn: inferFan('fanIn'), fanOut: inferFan('fanOut') }
}

function parseNumberOrText(typed: string): number | string {
  const value = Number(typed.replace('−', '-'))
  return Number.isNaN(value) ? typed : value
}

/** Numbers separated by commas, spaces or crosses, with optional brackets. */
function parseList(typed: string): (number | string)[] {
  const items = typed.trim().replace(/^[[(](.*)[\])]$/, '$1')
  return items
    .split(/[\s,，×x*]+/)
    .filter((word) => word !== '')
    .map(parseNumberOrText)
}

/** 42 and "42" are the same seed; code shows the number. */
function parseSeed(typed: string): Seed {
  const value = Number(typed)
  return String(value) === typed && Number.isSafeInteger(value) ? value : typed
}
