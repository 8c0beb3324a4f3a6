/**
 * Slices of a checkpoint: the part of each tensor that a tensor-parallel rank holds, asked for as
 *
 *   <pattern>:dim=<axis>:<index>/<count>        **.c_fc.weight:dim=1:2/8
 *
 * A tensor is cut by the first one whose pattern (as in recipes) matches its name, and whole if none does. Parts
 * are equal, and numbered from 0. Strategy and distribution stay those of the whole tensor.
 */

import { show } from '../errors.ts'
import type { Slice } from '../engine/slices.ts'
import { InputError } from './config.ts'
import { matches } from './recipes.ts'

/** Which part of which whole a tensor is. */
export interface TensorSlice {
  /** The shape of the whole. */
  readonly of: readonly number[]
  /** One [start, end) per axis. */
  readonly ranges: Slice
}

/** The shape that strategies read. */
export function wholeShape({
  shape,
  slice,
}: {
  shape: readonly number[]
  slice?: TensorSlice
}): readonly number[] {
  return slice?.of ?? shape
}

/** Cuts the tensors that the slices match. Throws an InputError for a slice that cannot be, or matches none. */
export function cut<T extends { readonly name: string; readonly shape: readonly number[] }>(
  tensors: readonly T[],
  slices: readonly string[],
): (T & { readonly slice?: TensorSlice })[] {
  if (!Array.isArray(slices)) throw new InputError(`"slice" expected a list of slices, got ${show(slices)}`)
  const rules = slices.map(parse)
  const used = new Set<Rule>()
  const all = tensors.map((tensor) => {
    const rule = rules.find(({ match }) => matches(match, tensor.name))
    if (!rule) return tensor
    used.add(rule)
    return cutOne(tensor, rule)
  })
  const idle = rules.find((rule) => !used.has(rule))
  if (idle) throw new InputError(`the slice ${show(idle.text)} matches no tensor, or none that is left`)
  return all
}

interface Rule {
  readonly text: string
  readonly match: string
  readonly axis: number
  readonly index: number
  readonly count: number
}

function parse(text: unknown): Rule {
  const [, match, ...numbers] = /^(.+):dim=(\d{1,3}):(\d{1,9})\/(\d{1,9})$/.exec(String(text)) ?? []
  const [axis, index, count] = numbers.map(Number)
  if (match === undefined) {
    throw new InputError(`"slice" expected a text such as "**.c_fc.weight:dim=1:2/8", got ${show(text)}`)
  }
  if (index >= count) {
    throw new InputError(
      `the slice ${show(text)}: parts are numbered from 0, so there is no ${index} of ${count}`,
    )
  }
  return { text: String(text), match, axis, index, count }
}

function cutOne<T extends { readonly name: string; readonly shape: readonly number[] }>(
  tensor: T,
  { text, axis, index, count }: Rule,
): T & { readonly slice: TensorSlice } {
  const { name, shape } = tensor
  if (axis >= shape.length) {
    throw new InputError(`the slice ${show(text)}: ${name} has the shape ${show(shape)}, and no axis ${axis}`)
  }
  if (shape[axis] % count !== 0) {
    throw new InputError(
      `the slice ${show(text)}: ${name} has ${shape[axis]} along axis ${axis}, which ${count} does not divide`,
    )
  }
  const length = shape[axis] / count
  const ranges = shape.map(
    (n, i) => (i === axis ? [index * length, (index + 1) * length] : [0, n]) as [number, number],
  )
  return { ...tensor, shape: ranges.map(([start, end]) => end - start), slice: { of: shape, ranges } }
}
