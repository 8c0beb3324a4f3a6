/**
 * simdinit/random: random numbers for simulations, from xoshiro256++ (`xoshiro.ts`). Without networks, without
 * WebAssembly. Values depend on the seed and on the calls made, and are the same on every engine and machine:
 * all arithmetic is IEEE's + - * / and square root. `docs/guides/random.md` is the guide, and defines the values.
 *
 *   new Random(seed) -> outputs, 64 bits each -> maps.ts -> values in a typed array
 *
 * Every value takes one whole output, and an integer now and then another one. Nothing is kept between calls
 * but the state of the generator, so to fill 10 values and then 10 is to fill 20.
 */

import {
  checkNumber,
  checkInteger,
  checkObject,
  checkText,
  throwTypeError,
  throwRangeError,
} from '../errors/validate.ts'
import { deriveKey, type Seed } from '../rng/stream.ts'
import { Xoshiro256PlusPlus } from '../rng/xoshiro.ts'
import * as maps from './sampling.ts'
import type { Floats, Integers, Transform } from './sampling.ts'

export type { Floats, Integers, Seed }

export interface UniformOptions {
  /** The least value; 0 unless given. */
  readonly low?: number
  /** What all values lie below; 1 unless given. */
  readonly high?: number
}

export interface NormalOptions {
  /** 0 unless given. */
  readonly mean?: number
  /** The standard deviation, >= 0; 1 unless given. */
  readonly std?: number
}

export interface ExponentialOptions {
  /** One over the mean, > 0; 1 unless given. */
  readonly rate?: number
}

/** Outputs drawn at a time: they stay in the first-level cache. */
const OUTPUTS_PER_CHUNK = 512

/** What a saved state begins with. */
const STATE_PREFIX = 'xoshiro256++'

export class Random {
  private generator: Xoshiro256PlusPlus
  private readonly outputBuffer = new Int32Array(2 * OUTPUTS_PER_CHUNK)

  /**
   * The state is the SHA-256 key of the seed (`docs/reference/stream.md`, Keys) under the name and the purpose "random", so
   * similar seeds have nothing to do with each other, nor with the tensors of the same seed. 42, 42n and "42" are
   * one seed. Throws if the seed is no text, bigint or safe integer.
   */
  constructor(seed: Seed = 0) {
    this.generator = new Xoshiro256PlusPlus(Int32Array.from(deriveKey(seed, 'random', 'random')))
  }

  /** A generator in the state that `save` gave: it continues exactly there. Throws if the text is not one. */
  static restore(text: string): Random {
    const [name, ...words] = checkText('state', text).split(' ')
    if (name !== STATE_PREFIX || words.length !== 4 || !words.every((word) => /^[0-9a-f]{16}$/.test(word))) {
      throwRangeError('state', `"${STATE_PREFIX}" and four words of 16 hexadecimal digits`, text)
    }
    const random = new Random()
    random.generator = new Xoshiro256PlusPlus(words.map((word) => BigInt(`0x${word}`)))
    return random
  }

  /** The whole state as text: the generator's name and s0..s3 in hexadecimal. */
  save(): string {
    return [STATE_PREFIX, ...this.generator.state.map((word) => word.toString(16).padStart(16, '0'))].join(
      ' ',
    )
  }

  /** The same text, so that JSON.stringify keeps the state. */
  toJSON(): string {
    return this.save()
  }

  /** Moves on as 2^128 outputs would, in microseconds: makes up to 2^128 streams that do not overlap. */
  jump(): this {
    this.generator.jump()
    return this
  }

  /** Moves on as 2^192 outputs would: makes 2^64 starting points, each good for 2^64 jumps. */
  longJump(): this {
    this.generator.longJump()
    return this
  }

  /**
   * Random bits: whole outputs in a BigUint64Array, their upper halves in a Uint32Array. Without a target, one
   * output. One output a value.
   */
  bits(): bigint
  bits<T extends Uint32Array | BigUint64Array>(target: T): T
  bits(target?: Uint32Array | BigUint64Array): Uint32Array | BigUint64Array | bigint {
    if (target === undefined) return this.generator.next()
    if (target instanceof Uint32Array) return this.fill(target, maps.highWords)
    if (target instanceof BigUint64Array) return this.fill(target, maps.copyOutputs(target))
    throwTypeError('target', 'a Uint32Array or a BigUint64Array', target)
  }

  /**
   * Integers from 0 to n - 1, all equally likely; 1 <= n <= 2^53, and n - 1 fits the target. Without a target, one.
   * One output a value, and another for each one rejected: fewer than n in 2^32 for n <= 2^32 and fewer than half
   * above, none if n is a power of two.
   */
  integers(n: number): number
  integers<T extends Integers>(n: number, target: T): T
  integers(n: number, target?: Integers): Integers | number {
    if (n !== 2 ** 53) checkInteger('n', n, 1)
    if (target === undefined) return this.fill(this.scalarTarget, maps.uniformInt(n))[0]
    const capacity = getIntegerCapacity(target)
    if (n > capacity) throwRangeError('n', `at most ${capacity} for a ${target.constructor.name}`, n)
    return this.fill(target, maps.uniformInt(n))
  }

  /**
   * Uniform on [low, high), low < high: low + (high - low) u, where u has 53 bits, or 24 for a Float32Array.
   * Without a target, one f64. One output a value.
   */
  uniform(options?: UniformOptions): number
  uniform<T extends Floats>(target: T, options?: UniformOptions): T
  uniform(...args: [(Floats | UniformOptions)?, UniformOptions?]): Floats | number {
    return this.fillFloats(args, ['low', 'high'], (target, { low = 0, high = 1 }) =>
      maps.uniform(target, checkNumber('low', low), checkNumber('high', high)),
    )
  }

  /**
   * Normal with a mean and a standard deviation: the quantile function at the output, to a relative error below 1e-15;
   * a Float32Array gets those values rounded. No value lies beyond 9.3 std. Without a target, one f64. One output
   * a value.
   */
  normal(options?: NormalOptions): number
  normal<T extends Floats>(target: T, options?: NormalOptions): T
  normal(...args: [(Floats | NormalOptions)?, NormalOptions?]): Floats | number {
    return this.fillFloats(args, ['mean', 'std'], (target, { mean = 0, std = 1 }) =>
      maps.normal(target, checkNumber('mean', mean), checkNumber('std', std, 0)),
    )
  }

  /**
   * Exponential with a rate: the quantile function at the output, to a relative error below 1e-15; a Float32Array gets
   * those values rounded. No value lies beyond 45.1 / rate. Without a target, one f64. One output a value.
   */
  exponential(options?: ExponentialOptions): number
  exponential<T extends Floats>(target: T, options?: ExponentialOptions): T
  exponential(...args: [(Floats | ExponentialOptions)?, ExponentialOptions?]): Floats | number {
    return this.fillFloats(args, ['rate'], (target, { rate = 1 }) =>
      maps.exponential(target, checkNumber('rate', rate, 0)),
    )
  }

  /** The integers from 0 to n - 1 in an order of which all are equally likely; 0 <= n < 2^32. As `shuffle`. */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(checkInteger('n', n, 0, 2 ** 32 - 1))
    for (let i = 0; i < order.length; i++) order[i] = i
    return this.shuffle(order)
  }

  /**
   * Puts an array or a typed array of up to 2^32 elements into an order of which all are equally likely, in place:
   * Fisher and Yates's method as Durstenfeld gave it, from the last element down. n - 1 outputs for n elements, and
   * another for each one rejected (fewer than n in 2^32).
   */
  shuffle<T extends unknown[] | Floats | Integers | Int8Array | Int16Array | BigInt64Array | BigUint64Array>(
    array: T,
  ): T {
    if (!Array.isArray(array) && (!ArrayBuffer.isView(array) || array instanceof DataView)) {
      throwTypeError('array', 'an array or a typed array', array)
    }
    if (array.length > 2 ** 32) throwRangeError('array', 'at most 2^32 elements', array.length)
    const items = array as unknown[]
    const { outputBuffer } = this
    for (let left = items.length; left > 1;) {
      const count = Math.min(OUTPUTS_PER_CHUNK, left - 1)
      this.generator.writeOutputs(outputBuffer, 0, 2, count)
      for (let i = 0; i < count; i++) {
        const x = outputBuffer[2 * i + 1] >>> 0
        const low = Math.imul(x, left) >>> 0
        if (low < left && low < 2 ** 32 % left) continue
        const j = maps.multiplyHigh(x, left, low)
        const item = items[--left]
        items[left] = items[j]
        items[j] = item
      }
    }
    return array
  }

  /** Where a value without a target goes. */
  private readonly scalarTarget = new Float64Array(1)

  /** Values into the target, the first of the arguments; or one value, if it is the options or nothing. */
  private fillFloats<O extends object>(
    args: readonly [first?: Floats | O, second?: O],
    fields: readonly (keyof O & string)[],
    mapOf: (target: Floats, options: O) => Transform<Floats>,
  ): Floats | number {
    const many = ArrayBuffer.isView(args[0]) || Array.isArray(args[0])
    const target = many ? checkFloatArray(args[0]) : this.scalarTarget
    const given = many ? args[1] : args[0]
    const options = given === undefined ? ({} as O) : (checkObject('options', given, fields) as O)
    this.fill(target, mapOf(target, options))
    return many ? target : target[0]
  }

  /** Never draws more outputs than there are values still to make, so that none is left over. */
  private fill<T extends Floats | Integers | BigUint64Array>(target: T, map: Transform<T>): T {
    const { generator, outputBuffer } = this
    for (let at = 0; at < target.length;) {
      const count = Math.min(OUTPUTS_PER_CHUNK, target.length - at)
      generator.writeOutputs(outputBuffer, 0, 2, count)
      at += map(outputBuffer, count, target, at)
    }
    return target
  }
}

function checkFloatArray(value: unknown): Floats {
  if (value instanceof Float32Array || value instanceof Float64Array) return value
  return throwTypeError('target', 'a Float32Array or a Float64Array', value)
}

/** How many integers from 0 on a target can hold. */
function getIntegerCapacity(target: Integers): number {
  if (target instanceof Uint8Array) return 2 ** 8
  if (target instanceof Uint16Array) return 2 ** 16
  if (target instanceof Int32Array) return 2 ** 31
  if (target instanceof Uint32Array) return 2 ** 32
  if (target instanceof Float64Array) return 2 ** 53
  return throwTypeError(
    'target',
    'a Uint8Array, Uint16Array, Int32Array, Uint32Array or Float64Array',
    target,
  )
}
export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
