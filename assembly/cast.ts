/**
 * f32 to 16 and 8 bits, to nearest even. Domain: finite values that do not round past the largest
 * finite value of the target (the caller refuses such fills); subnormals are kept. Exact.
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

/** bf16: the upper half of the f32, rounded. `count` is a multiple of 16; `to` may be `from`. */
export function toBf16(work: usize, from: usize, to: usize, count: u32): void {
  const bias = loadBroadcast(work, BF16_ROUNDING_BIAS)
  const last = loadBroadcast(work, LOWEST_BIT)
  for (const end = from + ((<usize>count) << 2); from < end; from += 64) {
    const x = roundBf16(v128.load(from), bias, last)
    const y = roundBf16(v128.load(from, 16), bias, last)
    const z = roundBf16(v128.load(from, 32), bias, last)
    const w = roundBf16(v128.load(from, 48), bias, last)
    v128.store(to, i16x8.narrow_i32x4_u(x, y))
    v128.store(to, i16x8.narrow_i32x4_u(z, w), 16)
    to += 32
  }
}

function roundBf16(x: v128, bias: v128, last: v128): v128 {
  const even = v128.and(i32x4.shr_u(x, 16), last)
  return i32x4.shr_u(i32x4.add(x, i32x4.add(bias, even)), 16)
}

/** f16. `count` is a multiple of 8; `to` may be `from`. */
export function toF16(work: usize, from: usize, to: usize, count: u32): void {
  const signs = loadBroadcast(work, ELEMENT_SIGN_MASK)
  for (const end = from + ((<usize>count) << 2); from < end; from += 32) {
    const x = v128.load(from)
    const y = v128.load(from, 16)
    const magnitudes = i16x8.narrow_i32x4_u(
      roundToFormat<F16Format>(work, x),
      roundToFormat<F16Format>(work, y),
    )
    // saturation keeps signs
    v128.store(to, v128.or(magnitudes, v128.and(i16x8.narrow_i32x4_s(x, y), signs)))
    to += 16
  }
}

/** An 8-bit format. `count` is a multiple of 16; `to` may be `from`. */
export function toF8<Format>(work: usize, from: usize, to: usize, count: u32): void {
  const signs = loadBroadcast(work, ELEMENT_SIGN_MASK)
  for (const end = from + ((<usize>count) << 2); from < end; from += 64) {
    const x = v128.load(from)
    const y = v128.load(from, 16)
    const z = v128.load(from, 32)
    const w = v128.load(from, 48)
    const magnitudes = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_u(roundToFormat<Format>(work, x), roundToFormat<Format>(work, y)),
      i16x8.narrow_i32x4_u(roundToFormat<Format>(work, z), roundToFormat<Format>(work, w)),
    )
    const negative = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(x, y), i16x8.narrow_i32x4_s(z, w))
    v128.store(to, v128.or(magnitudes, v128.and(negative, signs)))
    to += 16
  }
}

/**
 * The pattern of |x|, rounded. The last place of `lifted`, a power of two, is that of the result; to add it to |x|
 * rounds in the FPU and leaves |x| / place in the low bits: the significand with its leading one,
 * which carries into the exponent as it should. Below the least normal value there is no leading one, and the place
 * is that of the subnormals.
 */
function roundToFormat<Format>(work: usize, x: v128): v128 {
  const least = loadBroadcast(work, MIN_NORMAL)
  const power = i32x4.max_s(v128.and(x, loadBroadcast(work, EXPONENT_MASK)), least)
  const lifted = i32x4.add(power, loadBroadcast(work, ULP_EXPONENT_OFFSET))
  const significand = i32x4.sub(f32x4.add(v128.andnot(x, loadBroadcast(work, SIGN_MASK)), lifted), lifted)
  const shift = 23 - changetype<Format>(work).mantissaBits()
  return i32x4.add(significand, i32x4.shr_u(i32x4.sub(power, least), shift))
}

/** Digits of a significand after the leading one. The rest of a format stands in its constants (broadcast.ts). */
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
