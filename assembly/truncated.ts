/**
 * The truncated normal: the normal map after f has been moved into the part of its range that lies between
 * the bounds, anchored at the bounds so that far tails keep their resolution (docs/stream.md, map T).
 */

import { scaled } from './normal'
import { clamp } from './uniform'
import { hold } from './hold'
import { ALL_UPPER, BASE, BASE_LOWER, HIGH, LOW, MEAN, SCALE, UPPER_DRAWS, WIDTH } from './workspace'

/** Bounds that mirror each other: f' = f WIDTH + copysign(BASE, f), in place; `count` a multiple of 8. */
export function squeeze(work: usize, at: usize, count: u32): void {
  const width = v128.load32_splat(work, WIDTH)
  const base = v128.load32_splat(work, BASE)
  const sign = hold(work, 0x80000000)
  for (const end = at + ((<usize>count) << 2); at < end; at += 16) {
    const f = v128.load(at)
    v128.store(at, f32x4.add(f32x4.mul(f, width), v128.or(v128.and(f, sign), base)))
  }
}

/**
 * Any other bounds, from draws as u32, in place. The draws below UPPER_DRAWS (or all: ALL_UPPER) become
 * points of the upper side, f' = WIDTH (RN(m >> 1) + 0.5) + BASE with m the draw; the others of the lower
 * side, with m its complement, BASE_LOWER, and the sign turned. `count` is a multiple of 8.
 */
export function fold(work: usize, at: usize, count: u32): void {
  const upperDraws = v128.load32_splat(work, UPPER_DRAWS)
  const allUpper = v128.load32_splat(work, ALL_UPPER)
  const width = v128.load32_splat(work, WIDTH)
  const base = v128.load32_splat(work, BASE)
  const baseLower = v128.load32_splat(work, BASE_LOWER)
  const half = hold(work, 0x3f000000)
  const sign = hold(work, 0x80000000)
  for (const end = at + ((<usize>count) << 2); at < end; at += 16) {
    const draw = v128.load(at)
    const lower = v128.not(v128.or(i32x4.lt_u(draw, upperDraws), allUpper))
    const m = f32x4.convert_i32x4_s(i32x4.shr_u(v128.xor(draw, lower), 1))
    const g = f32x4.mul(width, f32x4.add(m, half))
    const f = f32x4.add(g, v128.bitselect(baseLower, base, lower))
    v128.store(at, v128.xor(f, v128.and(lower, sign)))
  }
}

/** value = clamp(q(f') SCALE + MEAN, LOW, HIGH), from f'; `count` is a multiple of 8. */
export function truncatedNormal(work: usize, from: usize, to: usize, count: u32): void {
  const scale = v128.load32_splat(work, SCALE)
  const mean = v128.load32_splat(work, MEAN)
  const low = v128.load32_splat(work, LOW)
  const high = v128.load32_splat(work, HIGH)
  const cell = hold(work, 0xffff0000)
  const one = hold(work, 0x3f800000)
  for (const end = from + ((<usize>count) << 2); from < end; from += 32) {
    v128.store(to, clamp(scaled(from, cell, one, scale, mean), low, high))
    v128.store(to, clamp(scaled(from + 16, cell, one, scale, mean), low, high), 16)
    to += 32
  }
}
