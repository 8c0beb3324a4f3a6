/**
 * The normal distribution by its inverse: one draw, one value, from a table of second order.
 *
 *   f = RN(i) + 0.5, i the draw as a signed integer: |f| small is the tail, the sign of f that of the value
 *   the upper 16 bits of f (sign, exponent, 7 bits of mantissa) name a cell that begins at c
 *   a = erfcinv(c 2^-31), b its slope there, d = f - c, D = b d:     q = a + D (1 + a D)
 *
 * The curvature is free, because z'' = z z'^2 for the normal quantile z = sqrt(2) q. Domain: every f32 with
 * 2^-31 <= |f| <= 2^31. Error against f64 (`test/maps.test.ts`): at most 2.2 ulp
 * for |z| >= 0.67, at most 1.25e-7 absolute below. Every operation rounds to f32; there is no FMA.
 */

import { hold } from './hold'
import { MEAN, SCALE } from './workspace'

/** q of the four f at `at`. `cell` masks the upper half of a lane, `one` is 1. */
function quantile(at: usize, cell: v128, one: v128): v128 {
  const f = v128.load(at)
  const ab0 = v128.load64_zero((<usize>load<u16>(at, 2)) << 3)
  const ab2 = v128.load64_zero((<usize>load<u16>(at, 10)) << 3)
  const ab01 = v128.load64_lane((<usize>load<u16>(at, 6)) << 3, ab0, 1)
  const ab23 = v128.load64_lane((<usize>load<u16>(at, 14)) << 3, ab2, 1)
  const a = v128.shuffle<f32>(ab01, ab23, 0, 2, 4, 6)
  const b = v128.shuffle<f32>(ab01, ab23, 1, 3, 5, 7)
  const D = f32x4.mul(b, f32x4.sub(f, v128.and(f, cell)))
  return f32x4.add(a, f32x4.mul(D, f32x4.add(one, f32x4.mul(a, D))))
}

/** q(f) scale + mean of the four f at `at`. */
export function scaled(at: usize, cell: v128, one: v128, scale: v128, mean: v128): v128 {
  return f32x4.add(f32x4.mul(quantile(at, cell, one), scale), mean)
}

/** value = q(f) SCALE + MEAN, from f; `count` is a multiple of 16. */
export function normal(work: usize, from: usize, to: usize, count: u32): void {
  const scale = v128.load32_splat(work, SCALE)
  const mean = v128.load32_splat(work, MEAN)
  const cell = hold(work, 0xffff0000)
  const one = hold(work, 0x3f800000)
  for (const end = from + ((<usize>count) << 2); from < end; from += 64) {
    v128.store(to, scaled(from, cell, one, scale, mean))
    v128.store(to, scaled(from + 16, cell, one, scale, mean), 16)
    v128.store(to, scaled(from + 32, cell, one, scale, mean), 32)
    v128.store(to, scaled(from + 48, cell, one, scale, mean), 48)
    to += 64
  }
}
