/**
 * Transforms: what turns a draw into a value. A distribution and a dtype become the parameters that both engines compute
 * with, rounded here once, in the order that `docs/reference/stream.md` states. Everything here influences the stream.
 */

import { createRangeError } from '../errors/simdinit-error.ts'
import {
  floatToBits,
  decode,
  encode,
  FORMATS,
  floorToDtype,
  ceilToDtype,
  type Dtype,
} from '../numeric/dtypes.ts'
import { throwRangeError } from '../errors/validate.ts'
import { compileFormula, type Formula } from './formulas.ts'
import type { Distribution, SampledDistribution } from './distribution.ts'
import { quantile } from '../numeric/normal-quantile.ts'
import { isMatrixDistribution, planMatrix, type MatrixPlan, type MatrixDistribution } from './matrix-plan.ts'

/** What the kernels compute. */
export type SampledTransform =
  /** The draw itself, as a bit pattern. For tests and benchmarks. */
  | { readonly kind: 'bits' }
  /** Every element has the same stored form. */
  | { readonly kind: 'constant'; readonly value: number }
  /** value = clamp(f scale + mean, low, high) */
  | {
      readonly kind: 'uniform'
      readonly scale: number
      readonly mean: number
      readonly low: number
      readonly high: number
    }
  /** value = q(f) scale + mean */
  | { readonly kind: 'normal'; readonly scale: number; readonly mean: number }
  /** value = clamp(q(f') scale + mean, low, high), f' computed from `base`, `width` and the others */
  | {
      readonly kind: 'truncatedSymmetric' | 'truncated'
      readonly scale: number
      readonly mean: number
      readonly low: number
      readonly high: number
      readonly width: number
      readonly base: number
      readonly baseLower: number
      readonly upperDraws: number
    }

/** value = RN32(formula), on the calling thread. */
export interface FormulaTransform {
  readonly kind: 'formula'
  readonly formula: Formula
}

/** value = RN32 of an element of a matrix that is computed as a whole. */
export interface MatrixTransform {
  readonly kind: 'matrix'
  readonly plan: MatrixPlan
}

export type Transform = SampledTransform | FormulaTransform | MatrixTransform

/** |q| sqrt(2) of the smallest |f| of any draw, rounded up: the largest normal value in units of std. */
const MAX_NORMAL_Z = 6.338

/** q sqrt(2) of 2^-31, where the table begins, rounded up: the bound for truncated normals that are not symmetric. */
const MAX_TAIL_Z = 9.005

/** Bounds of std, within which no step of a transform leaves the normal range of f32. */
const MIN_STD = 2 ** -90
const MAX_STD = 2 ** 90

/**
 * Throws a RangeError for values that the dtype cannot hold or no transform can produce. The last transform is kept. The
 * transform of zeroRows is that of its other rows.
 */
export function compileTransform(distribution: SampledDistribution, dtype: Dtype): SampledTransform
export function compileTransform(distribution: Distribution, dtype: Dtype): Transform
export function compileTransform(distribution: Distribution, dtype: Dtype): Transform {
  if (distribution.type === 'zeroRows') return compileTransform(distribution.of, dtype)
  if (isMatrixDistribution(distribution)) return compileMatrix(distribution, dtype)
  if ('shape' in distribution) {
    const formula = compileFormula(distribution)
    checkMaxAbs(formula.maxAbs, dtype)
    return { kind: 'formula', formula }
  }
  if (lastCompiled?.dtype !== dtype || !isSameDistribution(lastCompiled.distribution, distribution)) {
    lastCompiled = {
      distribution: { ...distribution },
      dtype,
      transform: compileSampled(distribution, dtype),
    }
  }
  return lastCompiled.transform
}

/** Lists, slices and loops over small tensors ask for the same distribution again and again. */
let lastCompiled:
  | {
      readonly distribution: SampledDistribution
      readonly dtype: Dtype
      readonly transform: SampledTransform
    }
  | undefined

function isSameDistribution(a: SampledDistribution, b: SampledDistribution): boolean {
  return (
    a.type === b.type &&
    PARAMETER_FIELDS.every((field) => Object.is(a[field as keyof typeof a], b[field as keyof typeof b]))
  )
}

/** Every field of a sampled distribution apart from its type. */
const PARAMETER_FIELDS = ['value', 'mean', 'std', 'low', 'high']

function compileMatrix(distribution: MatrixDistribution, dtype: Dtype): MatrixTransform {
  const plan = planMatrix(distribution)
  checkMaxAbs(plan.maxAbs, dtype)
  if (plan.matrix.type === 'sparse')
    compileTransform({ type: 'normal', mean: 0, std: plan.matrix.std }, dtype)
  return { kind: 'matrix', plan }
}

function compileSampled(distribution: SampledDistribution, dtype: Dtype): SampledTransform {
  switch (distribution.type) {
    case 'constant':
      return compileConstant(distribution.value, dtype)
    case 'uniform':
      return compileUniform(distribution.low, distribution.high, dtype)
    case 'normal': {
      const { mean, std } = distribution
      if (std === 0) return compileConstant(mean, dtype)
      checkStd(std)
      checkMaxAbs(Math.abs(mean) + MAX_NORMAL_Z * std, dtype)
      return { kind: 'normal', scale: Math.fround(std * Math.SQRT2), mean: Math.fround(mean) }
    }
    case 'truncatedNormal':
      return compileTruncated(distribution, dtype)
  }
}

function compileConstant(value: number, dtype: Dtype): SampledTransform {
  checkMaxAbs(Math.abs(value), dtype)
  return { kind: 'constant', value: encode(dtype, Math.fround(value)) }
}

function compileUniform(low: number, high: number, dtype: Dtype, inclusive = false): SampledTransform {
  checkMaxAbs(Math.max(Math.abs(low), Math.abs(high)), dtype)
  if (high - low < MIN_STD) throwRangeError('high', `at least 2^-90 above "low" (${low})`, high)
  const [lowest, highest] = [ceilToDtype(dtype, low), floorToDtype(dtype, high, !inclusive)]
  if (lowest > highest)
    throwRangeError('high', `large enough for a ${dtype} value between "low" (${low}) and it`, high)
  const affine = { scale: Math.fround((high - low) * 2 ** -32), mean: Math.fround((low + high) * 0.5) }
  return {
    kind: 'uniform',
    ...affine,
    ...omitUnreachableBounds([-(2 ** 31), 2 ** 31], affine, lowest, highest),
  }
}

function compileTruncated(
  distribution: SampledDistribution & { type: 'truncatedNormal' },
  dtype: Dtype,
): SampledTransform {
  const { mean, std, low = -Infinity, high = Infinity } = distribution
  if (std === 0) {
    if (mean < low || mean > high) throwNoMass(low, high)
    return compileConstant(mean, dtype)
  }
  checkStd(std)
  const zl = (low - mean) / std
  const zh = (high - mean) / std
  const maxAbs = Math.abs(mean) + (zl === -zh ? MAX_NORMAL_Z : MAX_TAIL_Z) * std
  checkMaxAbs(Math.min(maxAbs, Math.max(Math.abs(low), Math.abs(high))), dtype)
  if (Math.max(Math.abs(zl), Math.abs(zh)) <= 2 ** -10) return compileUniform(low, high, dtype, true)

  const { max } = FORMATS[dtype]
  const lowest = ceilToDtype(dtype, Math.max(low, -max))
  const highest = floorToDtype(dtype, Math.min(high, max))
  if (lowest > highest)
    throwRangeError('high', `large enough for a ${dtype} value between "low" (${low}) and it`, high)
  const affine = { scale: Math.fround(std * Math.SQRT2), mean: Math.fround(mean) }
  if (zl === -zh) {
    const base = computeBase(zh)
    const width = Math.fround((2 ** 32 - 2 * base) * 2 ** -32)
    const first = Math.fround(Math.fround(0.5 * width) + base)
    const ends = [...computeMaxQuantiles(first), ...computeMaxQuantiles(first).map((q) => -q)]
    const bounds = omitUnreachableBounds(ends, affine, lowest, highest)
    return { kind: 'truncatedSymmetric', ...affine, ...bounds, width, base, baseLower: base, upperDraws: 0 }
  }
  const [base, baseLower, extent, upperDraws] = computeSides(zl, zh)
  if (!(extent >= 4)) throwNoMass(low, high)
  const width = Math.fround(extent * 2 ** -31)
  const bounds = { low: low === -Infinity ? low : lowest, high: high === Infinity ? high : highest }
  return { kind: 'truncated', ...affine, ...bounds, width, base, baseLower, upperDraws }
}

/** The largest q of any f >= `first`: q falls within a cell, but may rise by an ulp where the next cell begins. */
function computeMaxQuantiles(first: number): number[] {
  return [quantile(first), quantile(decode('f32', (floatToBits(first) & 0xffff0000) + 0x10000))]
}

/** Replaces bounds that no value reaches by infinities. `ends` are the extreme values before `affine`. */
function omitUnreachableBounds(
  ends: readonly number[],
  { scale, mean }: { readonly scale: number; readonly mean: number },
  low: number,
  high: number,
): { low: number; high: number } {
  const values = ends.map((x) => Math.fround(Math.fround(x * scale) + mean))
  return {
    low: Math.min(...values) < low ? low : -Infinity,
    high: Math.max(...values) > high ? high : Infinity,
  }
}

/** Where the upper and the lower side begin, the extent of f on both, and how many of 2^32 draws are upper. */
function computeSides(
  zl: number,
  zh: number,
): [base: number, baseLower: number, extent: number, upperDraws: number] {
  if (zl >= 0) {
    const base = computeBase(zh)
    return [base, 0, computeBase(zl) - base, 2 ** 32]
  }
  const baseLower = computeBase(-zl)
  if (zh <= 0) return [0, baseLower, computeBase(-zh) - baseLower, 0]
  const base = computeBase(zh)
  const extent = 2 ** 31 - base + (2 ** 31 - baseLower)
  return [base, baseLower, extent, roundTiesEven((2 ** 32 * (2 ** 31 - base)) / extent)]
}

/**
 * The f at which the normal transform reaches t > 0 standard deviations: the least f32 g in [2^-31, 2^31] with
 * q(g) <= RN32(t / sqrt 2), by bisection on bit patterns, without erf or exp.
 */
export function computeBase(t: number): number {
  if (t === 0) return 2 ** 31
  const wanted = Math.fround(t / Math.SQRT2)
  let low = floatToBits(2 ** -31)
  let high = floatToBits(2 ** 31)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (quantile(decode('f32', middle)) <= wanted) high = middle
    else low = middle + 1
  }
  return decode('f32', low)
}

function roundTiesEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}

function checkStd(std: number): void {
  if (std < MIN_STD || std > MAX_STD) throwRangeError('std', '0 or a number from 2^-90 to 2^90', std)
}

function checkMaxAbs(maxAbs: number, dtype: Dtype): void {
  const { max } = FORMATS[dtype]
  if (maxAbs <= max) return
  const short = Number(maxAbs.toPrecision(6))
  const shown = short > max ? short : maxAbs
  throw createRangeError(`values up to ${shown} exceed the range of ${dtype}, whose largest value is ${max}`)
}

function throwNoMass(low: number, high: number): never {
  throw createRangeError(`the interval holds no probability mass: "low" ${low} to "high" ${high}`)
}
