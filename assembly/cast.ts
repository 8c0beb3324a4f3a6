/**
 * f32 to 16 and 8 bits, to nearest even, with subnormals. Domain: finite values that do not round past the largest
 * finite value of the target; the caller refuses other fills.
 */

import { loadBroadcast } from './broadcast'
import {
  BF16_ROUNDING_BIAS,
  EXPONENT_MASK,
  LOWEST_BIT,
  MIN_NORMAL,
  ULP_EXPONENT_OFFSET,
  SIGN_MASK,
  ELEMENT_SIGN_MASK,
} from './workspace'

/** To bf16: the upper half of the f32, rounded. `count` is a multiple of 16; `to` may equal `from`. */
export function toBf16(work: usize, from: usize, to: usize, count: u32): void {
  const bias = loadBroadcast(work, BF16_ROUNDING_BIAS)
  const lowestBit = loadBroadcast(work, LOWEST_BIT)
  for (const end = from + ((<usize>count) << 2); from < end; from += 64) {
    const x = roundBf16(v128.load(from), bias, lowestBit)
    const y = roundBf16(v128.load(from, 16), bias, lowestBit)
    const z = roundBf16(v128.load(from, 32), bias, lowestBit)
    const w = roundBf16(v128.load(from, 48), bias, lowestBit)
    v128.store(to, i16x8.narrow_i32x4_u(x, y))
    v128.store(to, i16x8.narrow_i32x4_u(z, w), 16)
    to += 32
  }
}

function roundBf16(x: v128, bias: v128, lowestBit: v128): v128 {
  const isOdd = v128.and(i32x4.shr_u(x, 16), lowestBit)
  return i32x4.shr_u(i32x4.add(x, i32x4.add(bias, isOdd)), 16)
}

/** To f16. `count` is a multiple of 8; `to` may equal `from`. */
export function toF16(work: usize, from: usize, to: usize, count: u32): void {
  const signMask = loadBroadcast(work, ELEMENT_SIGN_MASK)
  for (const end = from + ((<usize>count) << 2); from < end; from += 32) {
    const x = v128.load(from)
    const y = v128.load(from, 16)
    const magnitudes = i16x8.narrow_i32x4_u(
      roundToFormat<F16Format>(work, x),
      roundToFormat<F16Format>(work, y),
    )
    // signed saturation preserves the sign bit
    v128.store(to, v128.or(magnitudes, v128.and(i16x8.narrow_i32x4_s(x, y), signMask)))
    to += 16
  }
}

/** To an 8-bit format. `count` is a multiple of 16; `to` may equal `from`. */
export function toF8<Format>(work: usize, from: usize, to: usize, count: u32): void {
  const signMask = loadBroadcast(work, ELEMENT_SIGN_MASK)
  for (const end = from + ((<usize>count) << 2); from < end; from += 64) {
    const x = v128.load(from)
    const y = v128.load(from, 16)
    const z = v128.load(from, 32)
    const w = v128.load(from, 48)
    const magnitudes = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_u(roundToFormat<Format>(work, x), roundToFormat<Format>(work, y)),
      i16x8.narrow_i32x4_u(roundToFormat<Format>(work, z), roundToFormat<Format>(work, w)),
    )
    const signs = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(x, y), i16x8.narrow_i32x4_s(z, w))
    v128.store(to, v128.or(magnitudes, v128.and(signs, signMask)))
    to += 16
  }
}

/**
 * The bit pattern of |x|, rounded. `lifted` is the power of two whose unit in the last place is that of the result.
 * Adding it to |x| makes the FPU round, and leaves |x| / ulp in the low bits: the significand with its leading one, which
 * carries into the exponent as required. Below the smallest normal value there is no leading one, and the ulp is that of
 * the subnormals.
 */
function roundToFormat<Format>(work: usize, x: v128): v128 {
  const minNormal = loadBroadcast(work, MIN_NORMAL)
  const power = i32x4.max_s(v128.and(x, loadBroadcast(work, EXPONENT_MASK)), minNormal)
  const lifted = i32x4.add(power, loadBroadcast(work, ULP_EXPONENT_OFFSET))
  const significand = i32x4.sub(f32x4.add(v128.andnot(x, loadBroadcast(work, SIGN_MASK)), lifted), lifted)
  const shift = 23 - changetype<Format>(work).mantissaBits()
  return i32x4.add(significand, i32x4.shr_u(i32x4.sub(power, minNormal), shift))
}

/** Formats: the stored bits of the significand. Their other parameters are constants of the workspace (broadcast.ts). */
export class F16Format {
  mantissaBits(): i32 {
    return 10
  }
}

export class F8E4M3Format {
  mantissaBits(): i32 {
    return 3
  }
}

export class F8E5M2Format {
  mantissaBits(): i32 {
    return 2
  }
}
