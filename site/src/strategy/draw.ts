/** The values, drawn by the real kernels: a tensor's first elements, their moments and their histogram. */

import type { Engine, TensorData } from 'simdinit'
import type { Asked } from './ask.ts'
import { decode } from './decode.ts'
import { lawOf, type Law } from './law.ts'

/** Elements that are drawn of a tensor; of one whose elements hang together, which is made whole, the most there may be. */
export const MOST = 2 ** 20

const BINS = 72

export interface Drawn {
  readonly asked: Asked
  readonly law: Law | undefined
  readonly count: number
  readonly first: readonly number[]
  readonly mean: number
  readonly std: number
  readonly kurtosis: number
  readonly least: number
  readonly most: number
  readonly bins: Bins | undefined
}

export interface Bins {
  readonly centres: readonly number[]
  readonly width: number
  /** Fractions of all values, by bin; beside the picture lie `beside`. */
  readonly fractions: readonly number[]
  readonly beside: number
}

/** A tensor of this kind is made whole. */
export function isWhole({ strategy: { type } }: Asked): boolean {
  return type === 'orthogonal' || type === 'deltaOrthogonal' || type === 'sparse'
}

export async function draw(engine: Engine, asked: Asked, signal: AbortSignal): Promise<Drawn> {
  const { whole, shape, layout, dtype, seed, name, size } = asked
  const count = Math.min(size, MOST)
  const data = storage(dtype, count)
  await engine.fill(data, whole, { shape, layout, dtype, seed, name, signal })
  const values = decode(data, dtype)
  const law = lawOf(asked.distribution, count)
  return {
    asked,
    law,
    count,
    first: [...values.subarray(0, 12)],
    ...momentsOf(values),
    bins: binsOf(values, law),
  }
}

function storage(dtype: Asked['dtype'], count: number): TensorData {
  if (dtype === 'f32') return new Float32Array(count)
  return dtype === 'bf16' || dtype === 'f16' ? new Uint16Array(count) : new Uint8Array(count)
}

function momentsOf(values: Float32Array): Pick<Drawn, 'mean' | 'std' | 'kurtosis' | 'least' | 'most'> {
  let [sum, least, most] = [0, Infinity, -Infinity]
  for (const x of values) {
    sum += x
    if (x < least) least = x
    if (x > most) most = x
  }
  const mean = sum / values.length
  let [squares, fourths] = [0, 0]
  for (const x of values) {
    const square = (x - mean) ** 2
    squares += square
    fourths += square * square
  }
  const variance = squares / values.length
  const kurtosis = variance > 0 ? fourths / values.length / variance ** 2 : NaN
  return { mean, std: Math.sqrt(variance), kurtosis, least, most }
}

/** Bins whose edges are those of the law where it has any, and a little beside it; undefined if nothing varies. */
function binsOf(values: Float32Array, law: Law | undefined): Bins | undefined {
  let [from, to] = law ? [law.from, law.to] : rangeOf(values)
  if (!(to > from)) return undefined
  const width = (to - from) / BINS
  const margin = 4
  from -= margin * width
  to += margin * width
  const fractions = Array.from({ length: BINS + 2 * margin }, () => 0)
  let beside = 0
  for (const x of values) {
    const bin = Math.floor((x - from) / width)
    if (bin >= 0 && bin < fractions.length) fractions[bin]++
    else beside++
  }
  return {
    centres: fractions.map((_, i) => from + (i + 0.5) * width),
    width,
    fractions: fractions.map((n) => n / values.length),
    beside: beside / values.length,
  }
}

function rangeOf(values: Float32Array): [number, number] {
  let [least, most] = [Infinity, -Infinity]
  for (const x of values) {
    if (x < least) least = x
    if (x > most) most = x
  }
  return [least, most]
}
