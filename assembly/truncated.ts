/**
 * The truncated normal: the normal transform, after f has been moved into the part of its range that lies between the
 * bounds. The range is anchored at the bounds, so that far tails keep their resolution (docs/reference/stream.md, map T).
 */

import { loadBroadcast } from './broadcast'
import { quantile } from './normal'
import { ALL_UPPER, BASE, BASE_LOWER, HALF, SIGN_MASK, UPPER_DRAWS, WIDTH } from './workspace'

/** MapOp: value = clamp(q(f') SCALE + MEAN, LOW, HIGH), where `RemapOp` computes f'. */
export class TruncatedNormal<RemapOp, AffineOp, ClampOp> {
  prepare(at: usize, count: u32): void {
    changetype<RemapOp>(this).remap(at, at + ((<usize>count) << 2))
  }

  transform(from: usize, to: usize): void {
    const work = changetype<usize>(this)
    const v = changetype<AffineOp>(work).apply(quantile(work, from))
    v128.store(to, changetype<ClampOp>(work).clamp(v))
  }
}

/** RemapOp for symmetric bounds: f' = f WIDTH + copysign(BASE, f), in place. */
export class RemapSymmetric {
  remap(at: usize, end: usize): void {
    const work = changetype<usize>(this)
    const width = loadBroadcast(work, WIDTH)
    const base = loadBroadcast(work, BASE)
    const sign = loadBroadcast(work, SIGN_MASK)
    for (; at < end; at += 32) {
      const f = v128.load(at)
      const g = v128.load(at, 16)
      v128.store(at, f32x4.add(f32x4.mul(f, width), v128.or(v128.and(f, sign), base)))
      v128.store(at, f32x4.add(f32x4.mul(g, width), v128.or(v128.and(g, sign), base)), 16)
    }
  }
}

/**
 * RemapOp for any other bounds, from draws as u32, in place. Draws below UPPER_DRAWS (all draws if ALL_UPPER is set)
 * become points of the upper side: f' = WIDTH (RN(m >> 1) + 0.5) + BASE, where m is the draw. The others become points of
 * the lower side: m is the complement of the draw, BASE_LOWER replaces BASE, and the sign is negative.
 */
export class RemapAsymmetric {
  remap(at: usize, end: usize): void {
    const work = changetype<usize>(this)
    const upperDraws = loadBroadcast(work, UPPER_DRAWS)
    const allUpper = loadBroadcast(work, ALL_UPPER)
    const width = loadBroadcast(work, WIDTH)
    const base = loadBroadcast(work, BASE)
    const baseLower = loadBroadcast(work, BASE_LOWER)
    const half = loadBroadcast(work, HALF)
    const sign = loadBroadcast(work, SIGN_MASK)
    for (; at < end; at += 16) {
      const draw = v128.load(at)
      const lower = v128.not(v128.or(i32x4.lt_u(draw, upperDraws), allUpper))
      const m = f32x4.convert_i32x4_s(i32x4.shr_u(v128.xor(draw, lower), 1))
      const g = f32x4.mul(width, f32x4.add(m, half))
      const f = f32x4.add(g, v128.bitselect(baseLower, base, lower))
      v128.store(at, v128.xor(f, v128.and(lower, sign)))
    }
  }
}
