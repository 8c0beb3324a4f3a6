/** Runs of contiguous elements, into which slices of a tensor are divided. */

import { product } from '../numeric/shape.ts'
import { checkInteger, throwTypeError, throwRangeError } from '../errors/validate.ts'

/** A part of a tensor: one [start, end) per axis, in elements along that axis. */
export type Slice = readonly (readonly [start: number, end: number])[]

/** Elements [first, first + count). */
export interface Run {
  readonly first: number
  readonly count: number
}

/** Checks a slice against the shape of the tensor. Returns the shape of the slice. */
export function resolveSliceShape(slice: unknown, shape: readonly number[]): number[] {
  if (!Array.isArray(slice)) throwTypeError('slice', 'an array of [start, end] pairs, one per axis', slice)
  if (slice.length !== shape.length) {
    throwRangeError('slice', `${shape.length} pairs, one per axis of the shape`, slice)
  }
  return Array.from(slice, (pair: unknown, axis) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throwTypeError(`slice[${axis}]`, 'a [start, end] pair', pair)
    const start = checkInteger(`slice[${axis}][0]`, pair[0], 0, shape[axis])
    return checkInteger(`slice[${axis}][1]`, pair[1], start, shape[axis]) - start
  })
}

/** The runs of a slice in order. Trailing axes that the slice covers completely are merged into the run. */
export function* generateRuns(slice: Slice, shape: readonly number[]): Generator<Run> {
  let inner = shape.length - 1 // the axis along which a run extends
  let stride = 1 // elements per index of that axis
  while (inner > 0 && slice[inner][0] === 0 && slice[inner][1] === shape[inner]) stride *= shape[inner--]
  if (slice.some(([start, end]) => start === end)) return
  if (inner < 0) {
    yield { first: 0, count: 1 }
    return
  }
  const [start, end] = slice[inner]
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)))
  const index = slice.slice(0, inner).map(([from]) => from)
  let first = start * stride + index.reduce((sum, i, axis) => sum + i * strides[axis], 0)
  for (;;) {
    yield { first, count: (end - start) * stride }
    let axis = inner - 1
    for (; axis >= 0; axis--) {
      first += strides[axis]
      if (++index[axis] < slice[axis][1]) break
      index[axis] = slice[axis][0] // carry: back to the start of this axis, on to the next index of the axis before
      first -= (slice[axis][1] - slice[axis][0]) * strides[axis]
    }
    if (axis < 0) return
  }
}

/** Divides a run where `holes` begin and end, and marks the parts within them. Holes are in order and disjoint. */
export function* splitRun(
  { first, count }: Run,
  holes: readonly Run[],
): Generator<Run & { isHole: boolean }> {
  const end = first + count
  let next = first
  for (const hole of holes) {
    const start = Math.max(next, hole.first)
    const stop = Math.min(end, hole.first + hole.count)
    if (start >= stop) continue
    if (start > next) yield { first: next, count: start - next, isHole: false }
    yield { first: start, count: stop - start, isHole: true }
    next = stop
  }
  if (next < end || count === 0) yield { first: next, count: end - next, isHole: false }
}

/**
 * Elements [from, to) of a packed slice as slices of the same tensor, in order: a partial row, whole rows, a partial
 * row, and so on recursively along each axis.
 */
export function* splitPackedRange(slice: Slice, from: number, to: number, axis = 0): Generator<Slice> {
  if (from === to) return
  const [start] = slice[axis]
  const inner = slice.slice(axis + 1).reduce((product, [low, high]) => product * (high - low), 1)
  const rows = (first: number, end: number): Slice => slice.with(axis, [start + first, start + end])
  const row = Math.floor(from / inner)
  const last = Math.floor((to - 1) / inner)
  if (row === last && to - from < inner) {
    yield* splitPackedRange(rows(row, row + 1), from - row * inner, to - row * inner, axis + 1)
    return
  }
  const [firstWhole, end] = [Math.ceil(from / inner), Math.floor(to / inner)]
  if (from < firstWhole * inner)
    yield* splitPackedRange(rows(row, firstWhole), from - row * inner, inner, axis + 1)
  if (firstWhole < end) yield rows(firstWhole, end)
  if (end * inner < to) yield* splitPackedRange(rows(end, end + 1), 0, to - end * inner, axis + 1)
}
