/**
 * What is asked for: the state of this part in the address, and the request that it is for the library, which alone
 * judges it. What was typed is handed on as it is: a text that is no number is refused by the library, in its words.
 */

import {
  aStrategy,
  distributionOf,
  DTYPES,
  fansOf,
  zeroRows,
  type Distribution,
  type Dtype,
  type Fans,
  type Layout,
  type Seed,
  type Strategy,
} from 'simdinit'
import { choice, partState, text } from '../state.ts'
import { entryOf, NAMES, PARAMETERS, ROWS, type Parameter, type ParameterName } from './catalogue.ts'

const fields = Object.fromEntries(PARAMETERS.map((name) => [name, text('', 40)])) as Record<
  ParameterName,
  ReturnType<typeof text>
>

export const state = partState('strategy', {
  type: choice(NAMES, 'heNormal'),
  ...fields,
  shape: text('512, 256', 120),
  layout: choice<Layout>(['oi', 'io'], 'oi'),
  dtype: choice<Dtype>(DTYPES, 'f32'),
  seed: text('0', 80),
  name: text('layer.weight', 120),
})

export type Option = number | string | readonly (number | string)[]

/** A tensor, and how its values are meant. */
export interface Asked {
  readonly type: (typeof NAMES)[number]
  /** What is said of the strategy beside its defaults, for its code. */
  readonly options: Readonly<Record<string, Option>>
  readonly strategy: Strategy
  /** Rows of it that are 0; and the strategy with these, which is what is drawn. */
  readonly rows: readonly number[]
  readonly whole: Strategy
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
export function asked(): Asked {
  const { type, layout, dtype } = state
  const { options, strategy } = strategyAsked()
  const rows = listOf(state[ROWS.name].value) as number[]
  const whole = rows.length > 0 ? zeroRows({ rows, strategy }) : strategy
  const shape = listOf(state.shape.value) as number[]
  fansOf([...shape, 1, 1], 'oi') // which checks every axis, of scalars and vectors too
  return {
    type: type.value,
    options,
    strategy,
    rows: whole.type === 'zeroRows' ? whole.rows : [],
    whole,
    distribution: distributionOf(whole, shape, layout.value),
    fans: fansRead(strategy, shape, layout.value),
    shape,
    size: shape.reduce((product, n) => product * n, 1),
    layout: layout.value,
    dtype: dtype.value,
    seed: seedOf(state.seed.value),
    name: state.name.value,
  }
}

/** The strategy but for its rows of zeros. */
function strategyAsked(): Pick<Asked, 'options' | 'strategy'> {
  const type = state.type.value
  const { parameters, more } = entryOf(type)
  const options: Record<string, Option> = {}
  for (const parameter of [...parameters, ...more]) {
    const typed = state[parameter.name].value.trim() || parameter.initial
    if (typed !== '' && parameter !== ROWS) options[parameter.name] = optionOf(typed, parameter)
  }
  return { options, strategy: aStrategy({ type, ...options }) }
}

function optionOf(typed: string, { words, list }: Parameter): Option {
  if (words) return typed
  if (!list) return aNumberOrText(typed)
  const items = listOf(typed)
  return items.length === 1 ? items[0] : items
}

/** The fans of what is typed: those of the strategy, else of the shape. */
export function fans(): Partial<Fans> {
  try {
    const shape = listOf(state.shape.value) as number[]
    const { strategy } = strategyAsked()
    const layout = state.layout.value
    return strategy.type === 'varianceScaling' ? fansRead(strategy, shape, layout) : fansOf(shape, layout)
  } catch {
    return {}
  }
}

/** The fans by which a strategy scales, by what the library makes of them: 1 / std^2 is the fan. */
function fansRead(strategy: Strategy, shape: readonly number[], layout: Layout): Partial<Fans> {
  if (strategy.type !== 'varianceScaling') return {}
  const fanOf = (mode: 'fanIn' | 'fanOut') => {
    try {
      const one = distributionOf(
        { ...strategy, mode, scale: 1, gain: 1, distribution: 'normal' },
        shape,
        layout,
      )
      return one.type === 'normal' ? Number((1 / one.std ** 2).toPrecision(12)) : undefined
    } catch {
      return undefined // the shape does not have it
    }
  }
  return { fanIn: fanOf('fanIn'), fanOut: fanOf('fanOut') }
}

function aNumberOrText(typed: string): number | string {
  const value = Number(typed.replace('−', '-'))
  return Number.isNaN(value) ? typed : value
}

/** Numbers between commas, spaces or crosses; brackets are let pass. */
function listOf(typed: string): (number | string)[] {
  const inside = typed.trim().replace(/^[[(](.*)[\])]$/, '$1')
  return inside
    .split(/[\s,，×x*]+/)
    .filter((word) => word !== '')
    .map(aNumberOrText)
}

/** 42, 42n and "42" are one seed; the number is what people write in code. */
function seedOf(typed: string): Seed {
  const value = Number(typed)
  return String(value) === typed && Number.isSafeInteger(value) ? value : typed
}
