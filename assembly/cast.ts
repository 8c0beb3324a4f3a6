/**
 * f32 to 16 bits, to nearest even. Domain: finite values that do not round past the largest
 * finite value of the target (the caller refuses such fills); subnormals are kept. Exact.
 */

import { lanes } from './lanes'
import { BIAS_BF16, BIAS_F16, HALF, LAST, LEAST_F16, SIGN } from './workspace'

/** bf16: the upper half of the f32, rounded. `count` is a multiple of 16; `to` may be `from`. */
export function toBf16(work: usize, from: usize, to: usize, count: u32): void {
  const bias = lanes(work, BIAS_BF16)
  const last = lanes(work, LAST)
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

/**
 * f16. A normal result is rounded on the integer pattern, which carries into the exponent as it should; a
 * subnormal one (|x| < 2^-14) by adding 0.5, whose last place is that of the result, in the FPU. `count` is a
 * multiple of 8.
 */
export function toF16(work: usize, from: usize, to: usize, count: u32): void {
  const sign = lanes(work, SIGN)
  const least = lanes(work, LEAST_F16)
  const bias = lanes(work, BIAS_F16)
  const last = lanes(work, LAST)
  const half = lanes(work, HALF)
  for (const end = from + ((<usize>count) << 2); from < end; from += 32) {
    const x = roundF16(v128.load(from), sign, least, bias, last, half)
    const y = roundF16(v128.load(from, 16), sign, least, bias, last, half)
    v128.store(to, i16x8.narrow_i32x4_u(x, y))
    to += 16
  }
}

function roundF16(x: v128, sign: v128, least: v128, bias: v128, last: v128, half: v128): v128 {
  const s = v128.and(x, sign)
  const m = v128.xor(x, s)
  const even = v128.and(i32x4.shr_u(m, 13), last)
  const normal = i32x4.shr_u(i32x4.add(m, i32x4.add(bias, even)), 13)
  const subnormal = i32x4.sub(f32x4.add(m, half), half)
  return v128.or(v128.bitselect(subnormal, normal, i32x4.lt_s(m, least)), i32x4.shr_u(s, 16))
}
