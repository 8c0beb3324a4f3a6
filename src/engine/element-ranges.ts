/** Runs: the contiguous stretches of a tensor's elements that a fill, or a slice of one, consists of. */

import { checkInteger, throwTypeError, throwRangeError } from '../errors/validate.ts'

/** One [start, end) per axis. */
export type Slice = readonly (readonly [start: number, end: number])[]

/** Elements [first, first + count). */
export interface Run {
  readonly first: number
  readonly count: number
}

/** Checks a slice against its shape; returns the shape of what it cuts out. */
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

/** The runs of a slice in order: trailing axes that are whole join into one. */
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
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1))
  const index = slice.slice(0, inner).map(([from]) => from)
  let first = start * stride + index.reduce((sum, i, axis) => sum + i * strides[axis], 0)
  for (;;) {
    yield { first, count: (end - start) * stride }
    let axis = inner - 1
    for (; axis >= 0; axis--) {
      first += strides[axis]
      if (++index[axis] < slice[axis][1]) break
      index[axis] = slice[axis][0] // back to the start of this axis, and on along the one before
      first -= (slice[axis][1] - slice[axis][0]) * strides[axis]
    }
    if (axis < 0) return
  }
}

/** A run in parts, of which those within `holes` (in order, apart from each other) are marked. */
export function* splitRun(
  { first, count }: Run,
  holes: readonly Run[],
): Generator<Run & { isHole: boolean }> {
  let at = first
  for (const { first: start, count: length } of holes) {
    const [from, to] = [Math.max(at, start), Math.min(first + count, start + length)]
    if (from >= to) continue
    if (from > at) yield { first: at, count: from - at, isHole: false }
    yield { first: from, count: to - from, isHole: true }
    at = to
  }
  if (at < first + count || count === 0) yield { first: at, count: first + count - at, isHole: false }
}

/**
 * Elements [from, to) of a slice that is packed, as slices of the same tensor, in order: a row cut short, whole rows,
 * a row cut short, and so on along each axis.
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
  const [whole, end] = [Math.ceil(from / inner), Math.floor(to / inner)]
  if (from < whole * inner) yield* splitPackedRange(rows(row, whole), from - row * inner, inner, axis + 1)
  if (whole < end) yield rows(whole, end)
  if (end * inner < to) yield* splitPackedRange(rows(end, end + 1), 0, to - end * inner, axis + 1)
}
