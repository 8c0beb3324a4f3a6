/**
 * Transforms outputs of the generator into values. An output w is a u64, stored as its low and high halves. A value of a
 * continuous distribution is its quantile function at (w + 1/2) / 2^64, so it takes one output and increases with it. An
 * integer takes one output, rarely more. Everything here affects the values of a seed.
 */

import { floorToDtype, ceilToDtype } from '../numeric/dtypes.ts'
import { isArrayOf } from '../numeric/is-array-of.ts'
import { throwRangeError } from '../errors/validate.ts'
import { log, log1p } from '../numeric/math.ts'
import { normalTailQuantile } from './normal-tail-quantile.ts'

/**
 * Transforms `count` outputs (low, high, low, high, ...) into values of `target` from index `start` on. Returns the
 * number of values: `count` unless outputs were rejected.
 */
export type Transform<T> = (outputs: Int32Array, count: number, target: T, start: number) => number

/** Targets of `uniform`, `normal` and `exponential`. */
export type Floats = Float32Array | Float64Array

/** Targets of `integers`. */
export type Integers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** The largest finite value that a target can hold. */
const getMaxFinite = (target: Floats) =>
  isArrayOf(Float32Array, target) ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE

/** The upper 32 bits of each output. */
export const highWords: Transform<Uint32Array> = (outputs, count, target, start) => {
  for (let i = 0; i < count; i++) target[start + i] = outputs[2 * i + 1]
  return count
}

/** Index of the low half of a u64 in memory: 0 on little-endian machines. */
const LOW_WORD_INDEX = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

/** The outputs unchanged. */
export function copyOutputs(words: BigUint64Array): Transform<BigUint64Array> {
  const halves = new Int32Array(words.buffer, words.byteOffset, 2 * words.length)
  return (outputs, count, _, start) => {
    for (let i = 0; i < count; i++) {
      halves[2 * (start + i) + LOW_WORD_INDEX] = outputs[2 * i]
      halves[2 * (start + i) + 1 - LOW_WORD_INDEX] = outputs[2 * i + 1]
    }
    return count
  }
}

/**
 * floor(x n / 2^32) for the upper half x of an output and n <= 2^32; `low` is x n mod 2^32. Exact: x n - low is a multiple
 * of 2^32, and the rounding errors of the product and the difference are below 2^12.
 */
export function multiplyHigh(x: number, n: number, low: number): number {
  return Math.round((x * n - low) * 2 ** -32)
}

/**
 * Integers below n, all equally likely. For n <= 2^32, Lemire's method on the upper half of an output ("Fast Random
 * Integer Generation in an Interval", ACM TOMACS 2019), which rejects fewer than n outputs in 2^32. For larger n, the
 * upper bits of an output, as many as n - 1 has, rejected if they are n or more: fewer than half are.
 */
export function uniformInt(n: number): Transform<Integers> {
  if (n <= 2 ** 32) {
    const rejected = 2 ** 32 % n
    return (outputs, count, target, start) => {
      let next = start
      for (let i = 0; i < count; i++) {
        const x = outputs[2 * i + 1] >>> 0
        const low = Math.imul(x, n) >>> 0
        if (low >= rejected) target[next++] = multiplyHigh(x, n, low)
      }
      return next - start
    }
  }
  let unit = 1 // 2^-(53 - bits of n - 1)
  while (n <= 2 ** 52 * unit) unit /= 2
  return (outputs, count, target, start) => {
    let next = start
    for (let i = 0; i < count; i++) {
      const x = Math.floor(high53Bits(outputs, i) * unit)
      if (x < n) target[next++] = x
    }
    return next - start
  }
}

/** The upper 53 bits of an output. */
function high53Bits(outputs: Int32Array, i: number): number {
  return (outputs[2 * i + 1] >>> 0) * 2 ** 21 + (outputs[2 * i] >>> 11)
}

/** The largest f64 below x. */
function nextDown(x: number): number {
  if (x === 0) return -Number.MIN_VALUE
  const value = Float64Array.of(x)
  new BigInt64Array(value.buffer)[0] -= x > 0 ? 1n : -1n
  return value[0]
}

/**
 * low + (high - low) u, where u is the upper 53 bits of an output over 2^53, or for f32 the upper 24 bits over 2^24, and
 * the result is rounded once more. Values that round out of [low, high) become its first or last value.
 */
export function uniform(target: Floats, low: number, high: number): Transform<Floats> {
  const width = high - low
  const max = getMaxFinite(target)
  if (low >= high) throwRangeError('low', `below "high" (${high})`, low)
  if (!(Math.max(Math.abs(low), Math.abs(high), width) <= max)) {
    const array = target.constructor.name
    throwRangeError('high', `a bound for which [low, high) is finite in a ${array}`, [low, high])
  }
  if (isArrayOf(Float64Array, target)) {
    return (outputs, count, target, start) => {
      for (let i = 0; i < count; i++) {
        const x = low + width * (high53Bits(outputs, i) * 2 ** -53)
        target[start + i] = x < high ? x : nextDown(high)
      }
      return count
    }
  }
  const first = ceilToDtype('f32', low) + 0
  const last = floorToDtype('f32', high, true)
  if (first > last) throwRangeError('high', 'a bound for which [low, high) contains an f32', [low, high])
  return (outputs, count, target, start) => {
    for (let i = 0; i < count; i++) {
      const x = Math.fround(low + width * ((outputs[2 * i + 1] >>> 8) * 2 ** -24))
      target[start + i] = x < first ? first : x > last ? last : x
    }
    return count
  }
}

/**
 * min(w + 1/2, 2^64 - w - 1/2) / 2^64: the probability of the smaller tail at an output w, in (0, 1/2]. The output is in
 * the upper half of the range if its sign bit is set.
 */
function tailProbability(low: number, high: number): number {
  const flip = high >> 31
  return ((high ^ flip) * 2 ** 32 + ((low ^ flip) >>> 0) + 0.5) * 2 ** -64
}

/** The largest distance of a normal value from its mean, in standard deviations; rounded up. */
const MAX_ABS_NORMAL = 9.3
/** The largest exponential value of rate 1, rounded up. */
const MAX_EXPONENTIAL = 45.1

/** mean + std z, where z is the quantile of the standard normal at the output. */
export function normal(target: Floats, mean: number, std: number): Transform<Floats> {
  if (!(Math.abs(mean) + MAX_ABS_NORMAL * std <= getMaxFinite(target))) {
    throwRangeError('std', `small enough for finite values in a ${target.constructor.name}`, std)
  }
  return (outputs, count, target, start) => {
    for (let i = 0; i < count; i++) {
      const high = outputs[2 * i + 1]
      const z = normalTailQuantile(tailProbability(outputs[2 * i], high))
      target[start + i] = mean + std * (high < 0 ? -z : z)
    }
    return count
  }
}

/** The quantile of the exponential distribution at the output: -ln(1 - (w + 1/2) / 2^64) / rate. */
export function exponential(target: Floats, rate: number): Transform<Floats> {
  if (!(MAX_EXPONENTIAL / rate <= getMaxFinite(target))) {
    throwRangeError('rate', `large enough for finite values in a ${target.constructor.name}`, rate)
  }
  return (outputs, count, target, start) => {
    for (let i = 0; i < count; i++) {
      const high = outputs[2 * i + 1]
      const p = tailProbability(outputs[2 * i], high)
      target[start + i] = -(high < 0 ? log(p) : log1p(-p)) / rate
    }
    return count
  }
}
