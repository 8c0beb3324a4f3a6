/**
 * What is asked for: the state of this part in the address, and the request that it is for the library, which alone
 * judges it. What was typed is handed on as it is: a text that is no number is refused by the library, in its words.
 */

import {
  aStrategy,
  distributionOf,
  DTYPES,
  fansOf,
  type Distribution,
  type Dtype,
  type Fans,
  type Layout,
  type Seed,
  type Strategy,
} from 'simdinit'
import { choice, partState, text } from '../state.ts'
import { entryOf, NAMES, PARAMETERS, type ParameterName } from './catalogue.ts'

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

/** A tensor, and how its values are meant. */
export interface Asked {
  readonly type: (typeof NAMES)[number]
  /** What is said of the strategy beside its defaults, for its code. */
  readonly options: Readonly<Record<string, number | string>>
  readonly strategy: Strategy
  readonly distribution: Distribution
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
  const given: Record<string, number | string> = {}
  for (const { name, initial, words } of entryOf(type.value).parameters) {
    const typed = state[name].value.trim() || initial
    if (typed !== '') given[name] = words ? typed : aNumberOrText(typed)
  }
  const strategy = aStrategy({ type: type.value, ...given })
  const shape = shapeOf(state.shape.value) as number[]
  fansOf([...shape, 1, 1], 'oi') // which checks every axis, of scalars and vectors too
  const distribution = distributionOf(strategy, shape, layout.value)
  return {
    type: type.value,
    options: given,
    strategy,
    distribution,
    shape,
    size: shape.reduce((product, n) => product * n, 1),
    layout: layout.value,
    dtype: dtype.value,
    seed: seedOf(state.seed.value),
    name: state.name.value,
  }
}

/** The fans of the shape that is typed; undefined if it has none, or is none. */
export function fans(): Fans | undefined {
  try {
    return fansOf(shapeOf(state.shape.value) as number[], state.layout.value)
  } catch {
    return undefined
  }
}

function aNumberOrText(typed: string): number | string {
  const value = Number(typed.replace('−', '-'))
  return Number.isNaN(value) ? typed : value
}

/** Dimensions between commas, spaces or crosses; brackets are let pass. */
function shapeOf(typed: string): (number | string)[] {
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
