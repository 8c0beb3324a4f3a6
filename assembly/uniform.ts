/** The uniform distribution on [low, high): one draw, one value, docs/stream.md, map U. */

import { HIGH, LOW, MEAN, SCALE } from './workspace'

/** `v < low ? low : v > high ? high : v`, lane by lane. */
export function clamp(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high)
}

/** value = clamp(f SCALE + MEAN, LOW, HIGH), from f; `count` is a multiple of 8. */
export function uniform(work: usize, from: usize, to: usize, count: u32): void {
  const scale = v128.load32_splat(work, SCALE)
  const mean = v128.load32_splat(work, MEAN)
  const low = v128.load32_splat(work, LOW)
  const high = v128.load32_splat(work, HIGH)
  for (const end = from + ((<usize>count) << 2); from < end; from += 32) {
    const v = f32x4.add(f32x4.mul(v128.load(from), scale), mean)
    const w = f32x4.add(f32x4.mul(v128.load(from, 16), scale), mean)
    v128.store(to, clamp(v, low, high))
    v128.store(to, clamp(w, low, high), 16)
    to += 32
  }
}
