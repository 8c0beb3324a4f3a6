/**
 * xoshiro256++ 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021), on
 * 32-bit halves. The period is 2^256 - 1. The all-zero state, a fixed point, is rejected. The outputs are predictable from a
 * few others: not for cryptography.
 */

import { createRangeError } from '../errors/simdinit-error.ts'

/** x^(2^128) and x^(2^192) modulo the generator's characteristic polynomial; `test/xoshiro.test.ts` derives both. */
const JUMP_POLYNOMIAL = [0x180ec6d33cfd0aban, 0xd5a61266f0c9392cn, 0xa9582618e03fc9aan, 0x39abdc4529b1661cn]
const LONG_JUMP_POLYNOMIAL = [
  0x76e15d3efefdcbbfn,
  0xc5004e441c522fb3n,
  0x77710069854ee241n,
  0x39109bb02acbe635n,
]

export class Xoshiro256PlusPlus {
  /** s0..s3, each as its low and its high half. */
  private readonly s: Int32Array

  /** From s0..s3, as four u64 or as eight halves (low first). Throws a RangeError if all are zero. */
  constructor(state: readonly bigint[] | Int32Array) {
    this.s = state instanceof Int32Array ? Int32Array.from(state) : splitWords(state)
    if (this.s.every((half) => half === 0)) {
      throw createRangeError('"state" must be four words that are not all zero; received all zeros')
    }
  }

  /** s0..s3. */
  get state(): bigint[] {
    return [0, 1, 2, 3].map((i) => joinHalves(this.s[2 * i], this.s[2 * i + 1]))
  }

  /** The next output, a u64. */
  next(): bigint {
    const out = new Int32Array(2)
    this.writeOutputs(out, 0, 2, 1)
    return joinHalves(out[0], out[1])
  }

  /**
   * Writes the next `count` outputs, low half then high half, into `out` from index `at` on, `stride`
   * indices apart. Outputs that fall outside `out` are dropped.
   */
  writeOutputs(out: Int32Array, at: number, stride: number, count: number): void {
    const s = this.s
    let l0 = s[0] // not [l0, ...] = s: an iterator costs more than ten outputs
    let h0 = s[1]
    let l1 = s[2]
    let h1 = s[3]
    let l2 = s[4]
    let h2 = s[5]
    let l3 = s[6]
    let h3 = s[7]
    for (let k = 0; k < count; k++, at += stride) {
      // rotl(s0 + s3, 23) + s0
      const sumLow = (l0 + l3) | 0
      const sumHigh = (h0 + h3 + carry(l0, l3, sumLow)) | 0
      const rotLow = (sumLow << 23) | (sumHigh >>> 9)
      const rotHigh = (sumHigh << 23) | (sumLow >>> 9)
      const low = (rotLow + l0) | 0
      out[at] = low
      out[at + 1] = (rotHigh + h0 + carry(rotLow, l0, low)) | 0

      const tLow = l1 << 17
      const tHigh = (h1 << 17) | (l1 >>> 15)
      l2 ^= l0
      h2 ^= h0
      l3 ^= l1
      h3 ^= h1
      l1 ^= l2
      h1 ^= h2
      l0 ^= l3
      h0 ^= h3
      l2 ^= tLow
      h2 ^= tHigh
      const l = l3
      l3 = (h3 << 13) | (l >>> 19)
      h3 = (l << 13) | (h3 >>> 19)
    }
    s[0] = l0
    s[1] = h0
    s[2] = l1
    s[3] = h1
    s[4] = l2
    s[5] = h2
    s[6] = l3
    s[7] = h3
  }

  /** Skips the next `count` outputs. */
  skip(count: number): void {
    this.writeOutputs(new Int32Array(0), 0, 0, count)
  }

  /** Equivalent to 2^128 calls of `next`: gives 2^128 subsequences that do not overlap. */
  jump(): void {
    this.applyJumpPolynomial(JUMP_POLYNOMIAL)
  }

  /** Equivalent to 2^192 calls of `next`: gives 2^64 starting points, each with room for 2^64 jumps. */
  longJump(): void {
    this.applyJumpPolynomial(LONG_JUMP_POLYNOMIAL)
  }

  /** Sets the state to polynomial(T) state, T being the step: the sum of T^i state over its set bits i. */
  private applyJumpPolynomial(polynomial: readonly bigint[]): void {
    const sum = new Int32Array(8)
    for (let bit = 0; bit < 256; bit++) {
      if ((polynomial[bit >> 6] >> BigInt(bit & 63)) & 1n) {
        for (let i = 0; i < 8; i++) sum[i] ^= this.s[i]
      }
      this.next()
    }
    this.s.set(sum)
  }
}

/** The carry out of the sum of two 32-bit words. */
function carry(a: number, b: number, sum: number): number {
  return ((a & b) | ((a | b) & ~sum)) >>> 31
}

function joinHalves(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

function splitWords(words: readonly bigint[]): Int32Array {
  if (words.length !== 4) throw createRangeError(`"state" must be four words; received ${words.length}`)
  return Int32Array.from(
    words.flatMap((word) => [Number(word & 0xffffffffn) | 0, Number((word >> 32n) & 0xffffffffn) | 0]),
  )
}
