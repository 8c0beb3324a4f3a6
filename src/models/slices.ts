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

type Whole = { readonly name: string; readonly shape: readonly number[] }

/** The cuts that were asked for. Throws an InputError for a slice that cannot be. */
export class Cuts {
  private readonly rules: readonly Rule[]
  private readonly used = new Set<Rule>()

  constructor(slices: readonly string[]) {
    if (!Array.isArray(slices)) throw new InputError(`"slice" expected a list of slices, got ${show(slices)}`)
    this.rules = slices.map(parse)
  }

  /** The part of a tensor, if it is to be cut. */
  of(tensor: Whole): { readonly shape: readonly number[]; readonly slice?: TensorSlice } {
    const rule = this.rules.find(({ match }) => matches(match, tensor.name))
    if (!rule) return { shape: tensor.shape }
    this.used.add(rule)
    return cutOne(tensor, rule)
  }

  /** To be called when all have been cut: throws an InputError for a slice that matched none. */
  finish(): void {
    const idle = this.rules.find((rule) => !this.used.has(rule))
    if (idle) throw new InputError(`the slice ${show(idle.text)} matches no tensor, or none that is left`)
  }
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

function cutOne({ name, shape }: Whole, { text, axis, index, count }: Rule) {
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
  return { shape: ranges.map(([start, end]) => end - start), slice: { of: shape, ranges } }
}
