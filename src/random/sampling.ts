/**
 * Maps from outputs of the generator to values. An output w is a u64, held as its low and its high half; the
 * value of a continuous distribution is its quantile function at (w + 1/2) / 2^64, so it needs one output and
 * rises with it. An integer takes one output, or rarely more. Everything here influences the values of a seed.
 */

import { floorToDtype, ceilToDtype } from '../numeric/dtypes.ts'
import { throwRangeError } from '../errors/validate.ts'
import { log, log1p } from '../numeric/math.ts'
import { normalTailQuantile } from './normal-tail-quantile.ts'

/**
 * Turns `count` outputs (low, high, low, high, ...) into values of `target` from index `at` on. Returns how many
 * it made: `count` unless outputs were rejected.
 */
export type Transform<T> = (draws: Int32Array, count: number, target: T, at: number) => number

export type Floats = Float32Array | Float64Array
export type Integers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** The largest finite value of a target. */
const getMaxFinite = (target: Floats) =>
  target instanceof Float32Array ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE

/** The upper halves. */
export const highWords: Transform<Uint32Array> = (draws, count, target, at) => {
  for (let i = 0; i < count; i++) target[at + i] = draws[2 * i + 1]
  return count
}

/** Where the low half of a u64 lies in memory. */
const LOW_WORD_INDEX = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1

/** The outputs themselves. */
export function copyOutputs(words: BigUint64Array): Transform<BigUint64Array> {
  const halves = new Int32Array(words.buffer, words.byteOffset, 2 * words.length)
  return (draws, count, _, at) => {
    for (let i = 0; i < count; i++) {
      halves[2 * (at + i) + LOW_WORD_INDEX] = draws[2 * i]
      halves[2 * (at + i) + 1 - LOW_WORD_INDEX] = draws[2 * i + 1]
    }
    return count
  }
}

/**
 * floor(x n / 2^32) for the upper half x of an output and n <= 2^32; `low` is x n mod 2^32. Exact: without the
 * roundings of its two steps the difference would be a multiple of 2^32, and they are below 2^12.
 */
export function multiplyHigh(x: number, n: number, low: number): number {
  return Math.round((x * n - low) * 2 ** -32)
}

/**
 * Integers below n, all equally likely. Up to 2^32 by Lemire's method on the upper half of an output ("Fast
 * Random Integer Generation in an Interval", ACM TOMACS 2019), which rejects fewer than n in 2^32; above, by as many
 * upper bits as n - 1 has, rejected if they are n or more, which is less than half of them.
 */
export function uniformInt(n: number): Transform<Integers> {
  if (n <= 2 ** 32) {
    const rejected = 2 ** 32 % n
    return (draws, count, target, at) => {
      const from = at
      for (let i = 0; i < count; i++) {
        const x = draws[2 * i + 1] >>> 0
        const low = Math.imul(x, n) >>> 0
        if (low >= rejected) target[at++] = multiplyHigh(x, n, low)
      }
      return at - from
    }
  }
  let unit = 1 // 2^-(53 - bits of n - 1)
  while (n <= 2 ** 52 * unit) unit /= 2
  return (draws, count, target, at) => {
    const from = at
    for (let i = 0; i < count; i++) {
      const x = Math.floor(high53Bits(draws, i) * unit)
      if (x < n) target[at++] = x
    }
    return at - from
  }
}

/** The upper 53 bits of an output. */
function high53Bits(draws: Int32Array, i: number): number {
  return (draws[2 * i + 1] >>> 0) * 2 ** 21 + (draws[2 * i] >>> 11)
}

/** The last f64 before x. */
function nextDown(x: number): number {
  if (x === 0) return -Number.MIN_VALUE
  const value = Float64Array.of(x)
  new BigInt64Array(value.buffer)[0] -= x > 0 ? 1n : -1n
  return value[0]
}

/**
 * low + (high - low) u, u the upper 53 bits of an output over 2^53, or for f32 the upper 24 over 2^24; rounded once
 * more if the target is f32. What rounds out of [low, high) becomes its first or last value.
 */
export function uniform(target: Floats, low: number, high: number): Transform<Floats> {
  const width = high - low
  const max = getMaxFinite(target)
  if (low >= high) throwRangeError('low', `a number below "high", ${high}`, low)
  if (!(Math.max(Math.abs(low), Math.abs(high), width) <= max)) {
    throwRangeError('high', 'an interval whose width and bounds are finite in the target', [low, high])
  }
  if (target instanceof Float64Array) {
    return (draws, count, target, at) => {
      for (let i = 0; i < count; i++) {
        const x = low + width * (high53Bits(draws, i) * 2 ** -53)
        target[at + i] = x < high ? x : nextDown(high)
      }
      return count
    }
  }
  const first = ceilToDtype('f32', low) + 0
  const last = floorToDtype('f32', high, true)
  if (first > last) throwRangeError('high', 'an interval that holds an f32', [low, high])
  return (draws, count, target, at) => {
    for (let i = 0; i < count; i++) {
      const x = Math.fround(low + width * ((draws[2 * i + 1] >>> 8) * 2 ** -24))
      target[at + i] = x < first ? first : x > last ? last : x
    }
    return count
  }
}

/**
 * min(w + 1/2, 2^64 - w - 1/2) / 2^64: the smaller of the two tails at an output, in (0, 1/2], rounded once.
 * The output lies in the upper half if its sign bit is set.
 */
function tailProbability(low: number, high: number): number {
  const flip = high >> 31
  return ((high ^ flip) * 2 ** 32 + ((low ^ flip) >>> 0) + 0.5) * 2 ** -64
}

/** The farthest that a normal value lies from its mean, in std, and the largest exponential value: rounded up. */
const MAX_ABS_NORMAL = 9.3
const MAX_EXPONENTIAL = 45.1

/** mean + std z, z the quantile of the standard normal at the output. */
export function normal(target: Floats, mean: number, std: number): Transform<Floats> {
  if (!(Math.abs(mean) + MAX_ABS_NORMAL * std <= getMaxFinite(target))) {
    throwRangeError('std', 'values that are finite in the target', std)
  }
  return (draws, count, target, at) => {
    for (let i = 0; i < count; i++) {
      const high = draws[2 * i + 1]
      const z = normalTailQuantile(tailProbability(draws[2 * i], high))
      target[at + i] = mean + std * (high < 0 ? -z : z)
    }
    return count
  }
}

/** The quantile of the exponential distribution at the output: -ln(1 - (w + 1/2) / 2^64) / rate. */
export function exponential(target: Floats, rate: number): Transform<Floats> {
  if (!(MAX_EXPONENTIAL / rate <= getMaxFinite(target))) {
    throwRangeError('rate', 'a rate > 0 whose values are finite in the target', rate)
  }
  return (draws, count, target, at) => {
    for (let i = 0; i < count; i++) {
      const high = draws[2 * i + 1]
      const p = tailProbability(draws[2 * i], high)
      target[at + i] = -(high < 0 ? log(p) : log1p(-p)) / rate
    }
    return count
  }
}
