/**
 * What is asked for: the state of this part in the address, and the request that it is for the library, which alone
 * judges it. What was typed is handed on as it is: a text that is no number is refused by the library, in its words.
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

/** A tensor, and how its values are meant. */
export interface TensorRequest {
  readonly type: (typeof STRATEGY_NAMES)[number]
  /** What is said of the strategy beside its defaults, for its code. */
  readonly options: Readonly<Record<string, OptionValue>>
  readonly strategy: BaseStrategy
  /** Rows of it that are 0; and the strategy with these, which is what is drawn. */
  readonly rows: readonly number[]
  readonly fullStrategy: Strategy
  readonly distribution: Distribution
  /** Those that the strategy reads, if it reads any. */
  readonly fans: Partial<Fans>
  readonly shape: readonly number[]
  readonly size: number
  readonly layout: Layout
  readonly dtype: Dtype
  readonly seed: Seed
  readonly name: string
}

/** Throws the library's sentence for what is wrong. Reads every signal that it uses. */
export function readRequest(): TensorRequest {
  const { type, layout, dtype } = state
  const { options, strategy } = readStrategy()
  const rows = parseList(state[ROWS_PARAMETER.name].value) as number[]
  const whole = rows.length > 0 ? zeroRows({ rows, strategy }) : strategy
  const shape = parseList(state.shape.value) as number[]
  computeFans([...shape, 1, 1], 'oi') // which checks every axis, of scalars and vectors too
  return {
    type: type.value,
    options,
    strategy,
    rows: whole.type === 'zeroRows' ? whole.rows : [],
    fullStrategy: whole,
    distribution: resolveDistribution(whole, shape, layout.value),
    fans: computeStrategyFans(strategy, shape, layout.value),
    shape,
    size: shape.reduce((product, n) => product * n, 1),
    layout: layout.value,
    dtype: dtype.value,
    seed: parseSeed(state.seed.value),
    name: state.name.value,
  }
}

/** The strategy but for its rows of zeros. */
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

/** The fans of what is typed: those of the strategy, else of the shape. */
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

/** The fans by which a strategy scales, by what the library makes of them: 1 / std^2 is the fan. */
function computeStrategyFans(strategy: Strategy, shape: readonly number[], layout: Layout): Partial<Fans> {
  if (strategy.type !== 'varianceScaling') return {}
  const inferFan = (mode: 'fanIn' | 'fanOut') => {
    try {
      const one = resolveDistribution(
        { ...strategy, mode, scale: 1, gain: 1, distribution: 'normal' },
        shape,
        layout,
      )
      return one.type === 'normal' ? Number((1 / one.std ** 2).toPrecision(12)) : undefined
    } catch {
      return undefined // the shape does not have it
    }
  }
  return { fanIn: inferFan('fanIn'), fanOut: inferFan('fanOut') }
}

function parseNumberOrText(typed: string): number | string {
  const value = Number(typed.replace('−', '-'))
  return Number.isNaN(value) ? typed : value
}

/** Numbers between commas, spaces or crosses; brackets are let pass. */
function parseList(typed: string): (number | string)[] {
  const inside = typed.trim().replace(/^[[(](.*)[\])]$/, '$1')
  return inside
    .split(/[\s,，×x*]+/)
    .filter((word) => word !== '')
    .map(parseNumberOrText)
}

/** 42, 42n and "42" are one seed; the number is what people write in code. */
function parseSeed(typed: string): Seed {
  const value = Number(typed)
  return String(value) === typed && Number.isSafeInteger(value) ? value : typed
}
