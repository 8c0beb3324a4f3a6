/**
 * Maps: what turns a draw into a value. A distribution and a dtype become the parameters that both engines
 * compute with, rounded here once, in the order that `docs/stream.md` states. Everything here influences
 * the stream.
 */

import { bitsOf, decode, encode, FORMATS, greatest, least, type Dtype } from './dtypes.ts'
import { wrongValue } from './errors.ts'
import { formulaOf, type Formula } from './computed/formulas.ts'
import type { Distribution, DrawnDistribution } from './distribution.ts'
import { quantile } from './quantile.ts'
import { formOf, type Form, type StructuredDistribution } from './structured/forms.ts'

/** What the kernels draw and map. */
export type DrawnMap =
  /** The draw itself, as a bit pattern. For tests and the bench. */
  | { readonly kind: 'bits' }
  /** Every element the same stored form. */
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
  /** value = clamp(q(f') scale + mean, low, high), f' as `base` says */
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

/** value = RN32(formula), on the asking thread. */
export interface ComputedMap {
  readonly kind: 'computed'
  readonly formula: Formula
}

/** value = RN32 of the element of a matrix that is made whole. */
export interface StructuredMap {
  readonly kind: 'structured'
  readonly form: Form
}

export type ElementMap = DrawnMap | ComputedMap | StructuredMap

/** |q| sqrt(2) of the smallest |f| that a draw can make, rounded up: no normal value lies further out, in std. */
const REACH = 6.338

/** q sqrt(2) of 2^-31, where the table begins, rounded up: a truncated normal that is not symmetric may come near. */
const TAIL_REACH = 9.005

/** Bounds of std, within which no step of the maps leaves the normal range of f32. */
const LEAST_STD = 2 ** -90
const GREATEST_STD = 2 ** 90

/**
 * Throws a RangeError for what the dtype cannot hold, or the maps cannot draw. The last map is remembered. That of
 * zeroRows is the map of its other rows.
 */
export function mapOf(distribution: DrawnDistribution, dtype: Dtype): DrawnMap
export function mapOf(distribution: Distribution, dtype: Dtype): ElementMap
export function mapOf(distribution: Distribution, dtype: Dtype): ElementMap {
  if (distribution.type === 'zeroRows') return mapOf(distribution.of, dtype)
  if (isStructured(distribution)) return structuredMap(distribution, dtype)
  if ('shape' in distribution) {
    const formula = formulaOf(distribution)
    checkReach(formula.reach, dtype)
    return { kind: 'computed', formula }
  }
  if (last?.dtype !== dtype || !same(last.distribution, distribution)) {
    last = { distribution: { ...distribution }, dtype, map: drawnMap(distribution, dtype) }
  }
  return last.map
}

/** A list, a slice, a loop over small tensors: one distribution after another is the same. */
let last:
  | { readonly distribution: DrawnDistribution; readonly dtype: Dtype; readonly map: DrawnMap }
  | undefined

function same(a: DrawnDistribution, b: DrawnDistribution): boolean {
  return (
    a.type === b.type &&
    NUMBERS.every((field) => Object.is(a[field as keyof typeof a], b[field as keyof typeof b]))
  )
}

/** All that a drawn distribution can hold besides its type. */
const NUMBERS = ['value', 'mean', 'std', 'low', 'high']

export function isStructured(distribution: Distribution): distribution is StructuredDistribution {
  return ['orthogonal', 'deltaOrthogonal', 'sparse'].includes(distribution.type)
}

function structuredMap(distribution: StructuredDistribution, dtype: Dtype): StructuredMap {
  const form = formOf(distribution)
  checkReach(form.reach, dtype)
  if (form.matrix.type === 'sparse') mapOf({ type: 'normal', mean: 0, std: form.matrix.std }, dtype)
  return { kind: 'structured', form }
}

function drawnMap(distribution: DrawnDistribution, dtype: Dtype): DrawnMap {
  switch (distribution.type) {
    case 'constant':
      return constantMap(distribution.value, dtype)
    case 'uniform':
      return uniformMap(distribution.low, distribution.high, dtype)
    case 'normal': {
      const { mean, std } = distribution
      if (std === 0) return constantMap(mean, dtype)
      checkStd(std)
      checkReach(Math.abs(mean) + REACH * std, dtype)
      return { kind: 'normal', scale: Math.fround(std * Math.SQRT2), mean: Math.fround(mean) }
    }
    case 'truncatedNormal':
      return truncatedMap(distribution, dtype)
  }
}

function constantMap(value: number, dtype: Dtype): DrawnMap {
  checkReach(Math.abs(value), dtype)
  return { kind: 'constant', value: encode(dtype, Math.fround(value)) }
}

function uniformMap(low: number, high: number, dtype: Dtype, inclusive = false): DrawnMap {
  checkReach(Math.max(Math.abs(low), Math.abs(high)), dtype)
  if (high - low < LEAST_STD) wrongValue('high', `at least 2^-90 above "low" (${low})`, high)
  const [lowest, highest] = [least(dtype, low), greatest(dtype, high, !inclusive)]
  if (lowest > highest) wrongValue('high', `a ${dtype} value to lie between "low" (${low}) and it`, high)
  const affine = { scale: Math.fround((high - low) * 2 ** -32), mean: Math.fround((low + high) * 0.5) }
  return { kind: 'uniform', ...affine, ...reached([-(2 ** 31), 2 ** 31], affine, lowest, highest) }
}

function truncatedMap(distribution: DrawnDistribution & { type: 'truncatedNormal' }, dtype: Dtype): DrawnMap {
  const { mean, std, low = -Infinity, high = Infinity } = distribution
  if (std === 0) {
    if (mean < low || mean > high) noMass(low, high)
    return constantMap(mean, dtype)
  }
  checkStd(std)
  const zl = (low - mean) / std
  const zh = (high - mean) / std
  const reach = Math.abs(mean) + (zl === -zh ? REACH : TAIL_REACH) * std
  checkReach(Math.min(reach, Math.max(Math.abs(low), Math.abs(high))), dtype)
  if (Math.max(Math.abs(zl), Math.abs(zh)) <= 2 ** -10) return uniformMap(low, high, dtype, true)

  const { max } = FORMATS[dtype]
  const lowest = least(dtype, Math.max(low, -max))
  const highest = greatest(dtype, Math.min(high, max))
  if (lowest > highest) wrongValue('high', `a ${dtype} value to lie between "low" (${low}) and it`, high)
  const affine = { scale: Math.fround(std * Math.SQRT2), mean: Math.fround(mean) }
  if (zl === -zh) {
    const base = baseOf(zh)
    const width = Math.fround((2 ** 32 - 2 * base) * 2 ** -32)
    const first = Math.fround(Math.fround(0.5 * width) + base)
    const ends = [...extremes(first), ...extremes(first).map((q) => -q)]
    const bounds = reached(ends, affine, lowest, highest)
    return { kind: 'truncatedSymmetric', ...affine, ...bounds, width, base, baseLower: base, upperDraws: 0 }
  }
  const [base, baseLower, extent, upperDraws] = sides(zl, zh)
  if (!(extent >= 4)) noMass(low, high)
  const width = Math.fround(extent * 2 ** -31)
  const bounds = { low: low === -Infinity ? low : lowest, high: high === Infinity ? high : highest }
  return { kind: 'truncated', ...affine, ...bounds, width, base, baseLower, upperDraws }
}

/** The greatest q of any f from `first` on: q falls within a cell, but may rise by an ulp where the next begins. */
function extremes(first: number): number[] {
  return [quantile(first), quantile(decode('f32', (bitsOf(first) & 0xffff0000) + 0x10000))]
}

/** The bounds, but for those that no value reaches, given what is least and greatest before `affine`. */
function reached(
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

/** Where the upper and the lower side begin, how much of f both hold, and how many of 2^32 draws are upper. */
function sides(
  zl: number,
  zh: number,
): [base: number, baseLower: number, extent: number, upperDraws: number] {
  if (zl >= 0) {
    const base = baseOf(zh)
    return [base, 0, baseOf(zl) - base, 2 ** 32]
  }
  const baseLower = baseOf(-zl)
  if (zh <= 0) return [0, baseLower, baseOf(-zh) - baseLower, 0]
  const base = baseOf(zh)
  const extent = 2 ** 31 - base + (2 ** 31 - baseLower)
  return [base, baseLower, extent, roundTiesEven((2 ** 32 * (2 ** 31 - base)) / extent)]
}

/**
 * The f at which the normal map itself reaches t > 0 standard deviations: the least f32 g in [2^-31, 2^31] with
 * q(g) <= RN32(t / sqrt 2), by bisection on bit patterns. Neither erf nor exp is needed.
 */
export function baseOf(t: number): number {
  if (t === 0) return 2 ** 31
  const wanted = Math.fround(t / Math.SQRT2)
  let low = bitsOf(2 ** -31)
  let high = bitsOf(2 ** 31)
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
  if (std < LEAST_STD || std > GREATEST_STD) wrongValue('std', '0 or a number from 2^-90 to 2^90', std)
}

function checkReach(reach: number, dtype: Dtype): void {
  const { max } = FORMATS[dtype]
  if (reach > max) {
    throw new RangeError(
      `values up to ${Number(reach.toPrecision(6))} do not fit ${dtype}, whose largest is ${max}`,
    )
  }
}

function noMass(low: number, high: number): never {
  throw new RangeError(`the interval holds no probability mass: "low" ${low} to "high" ${high}`)
}
