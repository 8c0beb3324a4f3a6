/**
 * Slices of a checkpoint: the part of each tensor that a tensor-parallel rank holds. A rule is written as
 *
 *   <pattern>:dim=<axis>:<index>/<count>        **.c_fc.weight:dim=1:2/8
 *
 * The first rule whose pattern matches the name applies; a tensor without a matching rule stays whole. Patterns are
 * those of recipes. Parts have equal sizes and are numbered from 0. A slice contains the values of the whole tensor at
 * its ranges, because strategy and distribution are resolved for the whole shape.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import type { Slice } from '../engine/element-ranges.ts'
import { matchesPattern } from './recipes/recipe.ts'

/** The part of a parameter that a tensor is. */
export interface TensorSlice {
  /** The shape of the whole parameter. */
  readonly of: readonly number[]
  /** One [start, end) per axis, in elements along that axis. */
  readonly ranges: Slice
}

/** The shape of the whole parameter, which strategies are resolved for. */
export function getFullShape({
  shape,
  slice,
}: {
  shape: readonly number[]
  slice?: TensorSlice
}): readonly number[] {
  return slice?.of ?? shape
}

type NamedShape = { readonly name: string; readonly shape: readonly number[] }

/** Applies slice rules to tensors. Throws an InputError for a rule that is invalid or does not fit a tensor. */
export class TensorSlicer {
  private readonly rules: readonly SliceRule[]
  private readonly usedRules = new Set<SliceRule>()

  constructor(slices: readonly string[]) {
    if (!Array.isArray(slices))
      throw new InputError(`"slice" must be a list of slices; received ${formatValue(slices)}`)
    this.rules = slices.map(parseSliceRule)
  }

  /** The part of a tensor that its rule selects, or all of it. */
  slice(tensor: NamedShape): { readonly shape: readonly number[]; readonly slice?: TensorSlice } {
    const rule = this.rules.find(({ match }) => matchesPattern(match, tensor.name))
    if (!rule) return { shape: tensor.shape }
    this.usedRules.add(rule)
    return sliceTensor(tensor, rule)
  }

  /** To be called after the last tensor: throws an InputError for a rule that was never used. */
  checkAllRulesUsed(): void {
    const unused = this.rules.find((rule) => !this.usedRules.has(rule))
    if (unused)
      throw new InputError(
        `the slice ${formatValue(unused.text)} applies to no tensor: earlier slices match, or no name does`,
      )
  }
}

interface SliceRule {
  readonly text: string
  readonly match: string
  readonly axis: number
  readonly index: number
  readonly count: number
}

function parseSliceRule(text: unknown): SliceRule {
  const [, match, ...numbers] = /^(.+):dim=(\d{1,3}):(\d{1,9})\/(\d{1,9})$/.exec(String(text)) ?? []
  const [axis, index, count] = numbers.map(Number)
  if (match === undefined) {
    throw new InputError(
      `"slice" must be a string such as "**.c_fc.weight:dim=1:2/8"; received ${formatValue(text)}`,
    )
  }
  if (index >= count) {
    throw new InputError(
      `the slice ${formatValue(text)} must have an index below its count; received ${index}/${count}`,
    )
  }
  return { text: String(text), match, axis, index, count }
}

function sliceTensor({ name, shape }: NamedShape, { text, axis, index, count }: SliceRule) {
  if (axis >= shape.length) {
    throw new InputError(
      `the slice ${formatValue(text)} needs axis ${axis}; ${name} has the shape ${formatValue(shape)}`,
    )
  }
  if (shape[axis] % count !== 0) {
    throw new InputError(
      `the slice ${formatValue(text)} must divide axis ${axis} of ${name} evenly; its size is ${shape[axis]}`,
    )
  }
  const length = shape[axis] / count
  const ranges = shape.map(
    (n, i) => (i === axis ? [index * length, (index + 1) * length] : [0, n]) as [number, number],
  )
  return { shape: ranges.map(([start, end]) => end - start), slice: { of: shape, ranges } }
}
