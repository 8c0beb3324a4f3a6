/**
 * The normal distribution by inversion: one draw gives one value, by second-order interpolation in a table.
 *
 *   f = RN(i) + 0.5, where i is the draw as a signed integer. Small |f| is the tail; f has the sign of the value
 *   the upper 16 bits of f (sign, exponent, 7 bits of mantissa) are the index of a cell, which begins at c
 *   a = erfcinv(c 2^-31), b its slope there, d = f - c, D = b d:     q = a + D (1 + a D)
 *
 * The curvature needs no table, because z'' = z z'^2 for the normal quantile z = sqrt(2) q. Domain: every f32 with
 * 2^-31 <= |f| <= 2^31. Error against f64 (`test/distributions/transform.test.ts`): at most 2.2 ulp for |z| >= 0.67, at
 * most 1.25e-7 absolute below. Every operation rounds to f32; there is no FMA.
 */

import { loadBroadcast } from './broadcast'
import { CELL_MASK, ONE } from './workspace'

/** MapOp: value = q(f) SCALE + MEAN. */
export class Normal<AffineOp> {
  prepare(_at: usize, _count: u32): void {}

  transform(from: usize, to: usize): void {
    const work = changetype<usize>(this)
    v128.store(to, changetype<AffineOp>(work).apply(quantile(work, from)))
  }
}

/** q of the four f at `at`. */
export function quantile(work: usize, at: usize): v128 {
  const f = v128.load(at)
  const ab0 = v128.load64_zero((<usize>load<u16>(at, 2)) << 3)
  const ab2 = v128.load64_zero((<usize>load<u16>(at, 10)) << 3)
  const ab01 = v128.load64_lane((<usize>load<u16>(at, 6)) << 3, ab0, 1)
  const ab23 = v128.load64_lane((<usize>load<u16>(at, 14)) << 3, ab2, 1)
  const a = v128.shuffle<f32>(ab01, ab23, 0, 2, 4, 6)
  const b = v128.shuffle<f32>(ab01, ab23, 1, 3, 5, 7)
  const D = f32x4.mul(b, f32x4.sub(f, v128.and(f, loadBroadcast(work, CELL_MASK))))
  return f32x4.add(a, f32x4.mul(D, f32x4.add(loadBroadcast(work, ONE), f32x4.mul(a, D))))
}
