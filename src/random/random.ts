/**
 * The generator `Random`: its state, and the arrays that its outputs fill.
 *
 *   new Random(seed) -> outputs of 64 bits -> a transform (output-transforms.ts) -> values in a typed array
 *
 * Every value takes one output; an integer may take more, if outputs are rejected. A generator keeps nothing between
 * calls but its state, so filling 10 values and then 10 more is the same as filling 20.
 */

import {
  checkInteger,
  checkNumber,
  checkObject,
  checkText,
  throwRangeError,
  throwTypeError,
} from '../errors/validate.ts'
import { isArrayOf } from '../numeric/is-array-of.ts'
import { deriveKey, type Seed } from '../rng/stream.ts'
import { Xoshiro256PlusPlus } from '../rng/xoshiro.ts'
import * as transforms from './output-transforms.ts'
import type { Floats, Integers, Transform } from './output-transforms.ts'

/** Options of `Random.uniform`. */
export interface UniformOptions {
  /** Lower bound, inclusive; default 0. */
  readonly low?: number
  /** Upper bound, exclusive; above `low`, default 1. */
  readonly high?: number
}

/** Options of `Random.normal`. */
export interface NormalOptions {
  /** Mean, any finite number; default 0. */
  readonly mean?: number
  /** Standard deviation, >= 0; default 1. */
  readonly std?: number
}

/** Options of `Random.exponential`. */
export interface ExponentialOptions {
  /** Rate, > 0: one over the mean; default 1. */
  readonly rate?: number
}

/** Outputs per step: they fit a first-level cache. */
const OUTPUTS_PER_CHUNK = 512

/** Start of a saved state: the name of the generator. */
const STATE_PREFIX = 'xoshiro256++'

/** The largest `n` of `integers`. */
const MAX_INTEGER_COUNT = 2 ** 53

/**
 * A random number generator: xoshiro256++ by Blackman and Vigna (period 2^256 - 1), seeded with SHA-256. Not for
 * cryptography: a few outputs predict all others.
 *
 * @example
 * import { Random } from 'simdinit/random'
 *
 * const random = new Random(42)
 * console.log(random.uniform()) // 0.5161214375061848
 * console.log(random.normal(new Float32Array(3)).length) // 3
 */
export class Random {
  private generator: Xoshiro256PlusPlus
  private readonly outputBuffer = new Int32Array(2 * OUTPUTS_PER_CHUNK)
  /** Receives the value of a call without a target. */
  private readonly scalarTarget = new Float64Array(1)

  /**
   * Starts a generator in the state that the SHA-256 of the seed gives (`docs/reference/stream.md`, Keys; name and
   * purpose "random"). Generators of similar seeds are unrelated, and so are the tensors of the same seed.
   *
   * @param seed A string, a bigint or a safe integer; 42, 42n and "42" are the same seed. Default 0.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) for anything else.
   */
  constructor(seed: Seed = 0) {
    this.generator = new Xoshiro256PlusPlus(Int32Array.from(deriveKey(seed, 'random', 'random')))
  }

  /**
   * Creates a generator that continues where a state was saved.
   *
   * @param state The result of `save`: `xoshiro256++` and four words of 16 hexadecimal digits, not all zero.
   * @returns A new generator.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) if `state` is not such a string.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random(42)
   * const copy = Random.restore(random.save())
   * console.log(copy.uniform() === random.uniform()) // true
   */
  static restore(state: string): Random {
    const [name, ...words] = checkText('state', state).split(' ')
    if (name !== STATE_PREFIX || words.length !== 4 || !words.every((word) => /^[0-9a-f]{16}$/.test(word))) {
      throwRangeError('state', `"${STATE_PREFIX}" followed by four words of 16 hexadecimal digits`, state)
    }
    const random = new Random()
    random.generator = new Xoshiro256PlusPlus(words.map((word) => BigInt(`0x${word}`)))
    return random
  }

  /**
   * Saves the whole state as text.
   *
   * @returns The name of the generator and its four words s0 to s3 in hexadecimal.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * console.log(new Random(42).save()) // xoshiro256++ 8bf8f7036e472b53 5c2a1e9ce12658fc 68662389e9e14b30 ed0fb2ece0dc7b85
   */
  save(): string {
    const words = this.generator.state.map((word) => word.toString(16).padStart(16, '0'))
    return [STATE_PREFIX, ...words].join(' ')
  }

  /**
   * The same text as `save`, so that `JSON.stringify` keeps the state.
   *
   * @returns The state.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random(42)
   * console.log(JSON.stringify(random) === JSON.stringify(random.save())) // true
   */
  toJSON(): string {
    return this.save()
  }

  /** One line with the state, for `console.log` in Node, Deno and Bun. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Random(${this.save()})`
  }

  /**
   * Advances the state as 2^128 outputs would, in microseconds. Up to 2^128 streams that start one jump apart do not
   * overlap, so each worker can have its own.
   *
   * @returns This generator.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random(42)
   * const states = [random.save(), random.jump().save()] // one for each worker
   * console.log(states.map((state) => Random.restore(state).integers(100))) // [ 51, 91 ]
   */
  jump(): this {
    this.generator.jump()
    return this
  }

  /**
   * Advances the state as 2^192 outputs would, in microseconds. Gives up to 2^64 starting points, each followed by 2^64
   * jumps: one for each machine, with jumps for its workers.
   *
   * @returns This generator.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * console.log(new Random(42).longJump().integers(100)) // 88
   */
  longJump(): this {
    this.generator.longJump()
    return this
  }

  /**
   * Random bits, one output for each value.
   *
   * @param target Filled with whole outputs if it is a BigUint64Array, with their upper 32 bits if it is a Uint32Array.
   * @returns The target, or without one a single output: a bigint from 0 to 2^64 - 1.
   * @throws TypeError (`ERR_INVALID_TYPE`) for another target.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random(42)
   * console.log(random.bits()) // 9520760068631670695n
   * console.log(random.bits(new Uint32Array(2))) // Uint32Array(2) [ 116392183, 530891783 ]
   */
  bits(): bigint
  bits<T extends Uint32Array | BigUint64Array>(target: T): T
  bits(target?: Uint32Array | BigUint64Array): Uint32Array | BigUint64Array | bigint {
    if (target === undefined) return this.generator.next()
    if (isArrayOf(Uint32Array, target)) return this.fill(target, transforms.highWords)
    if (isArrayOf(BigUint64Array, target)) return this.fill(target, transforms.copyOutputs(target))
    throwTypeError('target', 'a Uint32Array or a BigUint64Array', target)
  }

  /**
   * Integers from 0 to n - 1, all exactly equally likely (Lemire, "Fast Random Integer Generation in an Interval", 2019).
   * A value takes one output, and another for each one rejected: fewer than n in 2^32 for n <= 2^32, fewer than half
   * above, none if n is a power of two.
   *
   * @param n An integer from 1 to 2^53.
   * @param target Filled with integers; n - 1 must fit.
   * @returns The target, or without one a single integer.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) if `n` is out of range or does not fit the
   *   target, or the target is of another type.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random('dice')
   * console.log(random.integers(6, new Uint8Array(5))) // Uint8Array(5) [ 3, 0, 4, 1, 3 ]
   */
  integers(n: number): number
  integers<T extends Integers>(n: number, target: T): T
  integers(n: number, target?: Integers): Integers | number {
    if (n !== MAX_INTEGER_COUNT) checkInteger('n', n, 1, MAX_INTEGER_COUNT)
    if (target === undefined) return this.fill(this.scalarTarget, transforms.uniformInt(n))[0]
    const capacity = getIntegerCapacity(target)
    if (n > capacity) throwRangeError('n', `at most ${capacity} to fit the ${target.constructor.name}`, n)
    return this.fill(target, transforms.uniformInt(n))
  }

  /**
   * Uniform values on [low, high): low + (high - low) u, where u has 53 random bits, or 24 in a Float32Array. A value
   * takes one output.
   *
   * @param target Filled with values.
   * @param options The bounds; default [0, 1).
   * @returns The target, or without one a single f64.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) unless low < high and the interval is finite
   *   in the target and contains one of its values, or if the target is of another type.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random(42)
   * console.log(random.uniform()) // 0.5161214375061848
   * console.log(random.uniform(new Float32Array(2), { low: -1, high: 1 })) // Float32Array(2) [ -0.94580078125, -0.752784252166748 ]
   */
  uniform(options?: UniformOptions): number
  uniform<T extends Floats>(target: T, options?: UniformOptions): T
  uniform(...args: [(Floats | UniformOptions)?, UniformOptions?]): Floats | number {
    return this.fillFloats(args, ['low', 'high'], (target, { low = 0, high = 1 }) =>
      transforms.uniform(target, checkNumber('low', low), checkNumber('high', high)),
    )
  }

  /**
   * Normal values: the quantile function (Wichura, Algorithm AS 241, 1988) of one output each, within a relative error of
   * 1e-15; rounded in a Float32Array. No value is more than 9.3 `std` from the mean.
   *
   * @param target Filled with values.
   * @param options Mean and standard deviation; default 0 and 1.
   * @returns The target, or without one a single f64.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) if `mean` is not finite, `std` is negative or
   *   too large for finite values, or the target is of another type.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random(42)
   * console.log(random.normal({ mean: 100, std: 15 })) // 100.6063218366963
   * console.log(random.normal(new Float32Array(2))) // Float32Array(2) [ -1.9252400398254395, -1.1571385860443115 ]
   */
  normal(options?: NormalOptions): number
  normal<T extends Floats>(target: T, options?: NormalOptions): T
  normal(...args: [(Floats | NormalOptions)?, NormalOptions?]): Floats | number {
    return this.fillFloats(args, ['mean', 'std'], (target, { mean = 0, std = 1 }) =>
      transforms.normal(target, checkNumber('mean', mean), checkNumber('std', std, 0)),
    )
  }

  /**
   * Exponential values: the quantile function of one output each, within a relative error of 1e-15; rounded in a
   * Float32Array. No value exceeds 45.1 / rate.
   *
   * @param target Filled with values.
   * @param options The rate; default 1.
   * @returns The target, or without one a single f64.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) if `rate` is not positive or too small for
   *   finite values, or the target is of another type.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * const random = new Random(42)
   * console.log(random.exponential({ rate: 0.5 })) // 1.4518426153711261
   * console.log(random.exponential(new Float32Array(2))) // Float32Array(2) [ 0.027473634108901024, 0.13194166123867035 ]
   */
  exponential(options?: ExponentialOptions): number
  exponential<T extends Floats>(target: T, options?: ExponentialOptions): T
  exponential(...args: [(Floats | ExponentialOptions)?, ExponentialOptions?]): Floats | number {
    return this.fillFloats(args, ['rate'], (target, { rate = 1 }) =>
      transforms.exponential(target, checkRate(rate)),
    )
  }

  /**
   * The integers from 0 to n - 1 in random order: `shuffle` of 0, 1, ..., n - 1.
   *
   * @param n An integer from 0 to 2^32 - 1.
   * @returns A new array of n integers.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) if `n` is out of range.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * console.log(new Random(3).permutation(5)) // Uint32Array(5) [ 0, 1, 3, 4, 2 ]
   */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(checkInteger('n', n, 0, 2 ** 32 - 1))
    for (let i = 0; i < order.length; i++) order[i] = i
    return this.shuffle(order)
  }

  /**
   * Shuffles an array in place; all orders are equally likely (Fisher and Yates's method, in Durstenfeld's form, from the
   * last element down). Takes n - 1 outputs for n elements, and another for each one rejected: fewer than n in 2^32.
   *
   * @param array An array or typed array of at most 2^32 elements.
   * @returns The same array.
   * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) for anything else.
   * @example
   * import { Random } from 'simdinit/random'
   *
   * console.log(new Random(3).shuffle(['ace', 'king', 'queen', 'jack'])) // [ 'ace', 'jack', 'queen', 'king' ]
   */
  shuffle<T extends unknown[] | Floats | Integers | Int8Array | Int16Array | BigInt64Array | BigUint64Array>(
    array: T,
  ): T {
    if (!Array.isArray(array) && (!ArrayBuffer.isView(array) || isArrayOf(DataView, array))) {
      throwTypeError('array', 'an array or a typed array', array)
    }
    if (array.length > 2 ** 32) throwRangeError('array', 'at most 2^32 elements long', array.length)
    const items = array as unknown[]
    const { outputBuffer } = this
    for (let remaining = items.length; remaining > 1;) {
      const count = Math.min(OUTPUTS_PER_CHUNK, remaining - 1)
      this.generator.writeOutputs(outputBuffer, 0, 2, count)
      for (let i = 0; i < count; i++) {
        const x = outputBuffer[2 * i + 1] >>> 0
        const low = Math.imul(x, remaining) >>> 0
        if (low < remaining && low < 2 ** 32 % remaining) continue
        const j = transforms.multiplyHigh(x, remaining, low)
        const item = items[--remaining]
        items[remaining] = items[j]
        items[j] = item
      }
    }
    return array
  }

  /** Handles both forms of a call: (target, options) fills and returns the target, (options) returns one value. */
  private fillFloats<O extends object>(
    args: readonly [first?: Floats | O, second?: O],
    fields: readonly (keyof O & string)[],
    createTransform: (target: Floats, options: O) => Transform<Floats>,
  ): Floats | number {
    const hasTarget = ArrayBuffer.isView(args[0]) || Array.isArray(args[0])
    const target = hasTarget ? checkFloatArray(args[0]) : this.scalarTarget
    const given = hasTarget ? args[1] : args[0]
    const options = given === undefined ? ({} as O) : (checkObject('options', given, fields) as O)
    this.fill(target, createTransform(target, options))
    return hasTarget ? target : target[0]
  }

  /** Never takes more outputs than there are values left, so that no output is wasted. */
  private fill<T extends Floats | Integers | BigUint64Array>(target: T, transform: Transform<T>): T {
    const { generator, outputBuffer } = this
    for (let filled = 0; filled < target.length;) {
      const count = Math.min(OUTPUTS_PER_CHUNK, target.length - filled)
      generator.writeOutputs(outputBuffer, 0, 2, count)
      filled += transform(outputBuffer, count, target, filled)
    }
    return target
  }
}

function checkRate(rate: unknown): number {
  if (typeof rate !== 'number') throwTypeError('rate', 'a finite number > 0', rate)
  if (!(rate > 0 && rate < Infinity)) throwRangeError('rate', 'a finite number > 0', rate)
  return rate
}

function checkFloatArray(value: unknown): Floats {
  if (isArrayOf(Float32Array, value) || isArrayOf(Float64Array, value)) return value
  return throwTypeError('target', 'a Float32Array or a Float64Array', value)
}

/** The number of integers, from 0 on, that an element of the target can hold. */
function getIntegerCapacity(target: Integers): number {
  if (isArrayOf(Uint8Array, target)) return 2 ** 8
  if (isArrayOf(Uint16Array, target)) return 2 ** 16
  if (isArrayOf(Int32Array, target)) return 2 ** 31
  if (isArrayOf(Uint32Array, target)) return 2 ** 32
  if (isArrayOf(Float64Array, target)) return 2 ** 53
  return throwTypeError(
    'target',
    'a Uint8Array, Uint16Array, Int32Array, Uint32Array or Float64Array',
    target,
  )
}
