/** Draws the first elements of a tensor with the library, and computes their moments and their histogram. */

import { toFloat32, type Engine, type TensorData } from 'simdinit'
import type { TensorRequest } from './form-state.ts'
import { createTargetDistribution, type TargetDistribution } from './density.ts'

/** The largest number of elements that are drawn, and the size limit for strategies that compute a whole matrix. */
export const MAX_ELEMENTS = 2 ** 20

const BIN_COUNT = 72

export interface Sample {
  readonly request: TensorRequest
  readonly target: TargetDistribution | undefined
  readonly count: number
  readonly firstValues: readonly number[]
  readonly mean: number
  readonly std: number
  readonly kurtosis: number
  readonly min: number
  readonly max: number
  readonly histogram: Histogram | undefined
}

export interface Histogram {
  readonly centers: readonly number[]
  readonly width: number
  /** The fraction of all values in each bin. `outsideFraction` lies outside all of them. */
  readonly fractions: readonly number[]
  readonly outsideFraction: number
}

/** Whether the strategy computes the whole matrix at once. */
export function isMatrixStrategy({ strategy: { type } }: TensorRequest): boolean {
  return type === 'orthogonal' || type === 'deltaOrthogonal' || type === 'sparse'
}

export async function drawSample(
  engine: Engine,
  request: TensorRequest,
  signal: AbortSignal,
): Promise<Sample> {
  const { fullStrategy, shape, layout, dtype, seed, name, size } = request
  const count = Math.min(size, MAX_ELEMENTS)
  const data = allocateData(dtype, count)
  await engine.fill(data, fullStrategy, { shape, layout, dtype, seed, name, signal })
  const values = toFloat32(data, dtype)
  const target = createTargetDistribution(request.distribution, count)
  return {
    request,
    target,
    count,
    firstValues: [...values.subarray(0, 12)],
    ...computeMoments(values),
    histogram: computeHistogram(values, target),
  }
}

function allocateData(dtype: TensorRequest['dtype'], count: number): TensorData {
  if (dtype === 'f32') return new Float32Array(count)
  return dtype === 'bf16' || dtype === 'f16' ? new Uint16Array(count) : new Uint8Array(count)
}

function computeMoments(values: Float32Array): Pick<Sample, 'mean' | 'std' | 'kurtosis' | 'min' | 'max'> {
  let [sum, min, max] = [0, Infinity, -Infinity]
  for (const x of values) {
    sum += x
    if (x < min) min = x
    if (x > max) max = x
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
  return { mean, std: Math.sqrt(variance), kurtosis, min, max }
}

/** Bins that cover the target distribution and a margin on both sides; undefined if the values do not vary. */
function computeHistogram(
  values: Float32Array,
  target: TargetDistribution | undefined,
): Histogram | undefined {
  let [from, to] = target ? [target.from, target.to] : computeRange(values)
  if (!(to > from)) return undefined
  const width = (to - from) / BIN_COUNT
  const margin = 4
  from -= margin * width
  to += margin * width
  const fractions = Array.from({ length: BIN_COUNT + 2 * margin }, () => 0)
  let outside = 0
  for (const x of values) {
    const bin = Math.floor((x - from) / width)
    if (bin >= 0 && bin < fractions.length) fractions[bin]++
    else outside++
  }
  return {
    centers: fractions.map((_, i) => from + (i + 0.5) * width),
    width,
    fractions: fractions.map((n) => n / values.length),
    outsideFraction: outside / values.length,
  }
}

function computeRange(values: Float32Array): [number, number] {
  let [min, max] = [Infinity, -Infinity]
  for (const x of values) {
    if (x < min) min = x
    if (x > max) max = x
  }
  return [min, max]
}
