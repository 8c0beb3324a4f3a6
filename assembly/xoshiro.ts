/**
 * xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021): four generators in
 * parallel, which are the four lanes of a block.
 *
 *   a0..a3: words s0..s3 of lanes 0 | 1, whose outputs are draws 0,1 | 2,3 of a step (low half first)
 *   b0..b3: words s0..s3 of lanes 2 | 3, whose outputs are draws 4,5 | 6,7
 *
 * The two pairs hide the latency of each other's dependency chain. The state is in locals while the loop runs; in globals
 * or memory the loop takes longer.
 */

import { loadBroadcast } from './broadcast'
import { HALF, KEY, STATE } from './workspace'

/** 2^64 divided by the golden ratio, rounded to odd: the increment of SplitMix64. The values depend on it. */
const GOLDEN_GAMMA: u64 = 0x9e3779b97f4a7c15

/** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014), a bijection. The values depend on it. */
function mix(z: u64): u64 {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb
  return z ^ (z >> 31)
}

/** The address of word 0 of a lane, minus STATE. The next words follow at intervals of 16 bytes. */
export function laneAddress(work: usize, lane: usize): usize {
  return work + ((lane >> 1) << 6) + ((lane & 1) << 3)
}

/** Sets the initial states of the four lanes of a block. No two lanes or blocks of a key have the same. */
export function seedBlock(work: usize, block: u64): void {
  const k0 = load<u64>(work, KEY)
  const k1 = load<u64>(work, KEY + 8)
  const k2 = load<u64>(work, KEY + 16)
  const k3 = load<u64>(work, KEY + 24)
  let n = (block << 3) * GOLDEN_GAMMA
  for (let lane: usize = 0; lane < 4; lane++) {
    const at = laneAddress(work, lane)
    const m = n + GOLDEN_GAMMA
    store<u64>(at, mix(mix(n + k0) ^ k1), STATE)
    store<u64>(at, mix(mix(m + k0) ^ k1), STATE + 16)
    store<u64>(at, mix(mix(n + k2) ^ k3), STATE + 32)
    store<u64>(at, mix(mix(m + k2) ^ k3), STATE + 48)
    n = m + GOLDEN_GAMMA
  }
}

function rotl23(x: v128): v128 {
  return v128.or(i64x2.shl(x, 23), i64x2.shr_u(x, 41))
}

function rotl45(x: v128): v128 {
  return v128.or(i64x2.shl(x, 45), i64x2.shr_u(x, 19))
}

/**
 * Advances the lanes by `steps` of 8 draws. `StoreOp` stores them from `to` on, 4 bytes per draw. In the same loop `MapOp`
 * transforms 8 earlier values per step, from `from` to `out`, so that table look-ups and arithmetic overlap. Both are
 * policy classes (fill.ts), and each pair compiles to a loop of its own.
 */
export function advance<StoreOp, MapOp>(work: usize, to: usize, steps: u32, from: usize, out: usize): void {
  let a0 = v128.load(work, STATE)
  let a1 = v128.load(work, STATE + 16)
  let a2 = v128.load(work, STATE + 32)
  let a3 = v128.load(work, STATE + 48)
  let b0 = v128.load(work, STATE + 64)
  let b1 = v128.load(work, STATE + 80)
  let b2 = v128.load(work, STATE + 96)
  let b3 = v128.load(work, STATE + 112)
  for (; steps > 0; steps--) {
    changetype<MapOp>(work).transform(from, out)
    changetype<MapOp>(work).transform(from + 16, out + 16)
    changetype<StoreOp>(work).write(i64x2.add(rotl23(i64x2.add(a0, a3)), a0), to)
    changetype<StoreOp>(work).write(i64x2.add(rotl23(i64x2.add(b0, b3)), b0), to + 16)
    const at = i64x2.shl(a1, 17)
    const bt = i64x2.shl(b1, 17)
    a2 = v128.xor(a2, a0)
    b2 = v128.xor(b2, b0)
    a3 = v128.xor(a3, a1)
    b3 = v128.xor(b3, b1)
    a1 = v128.xor(a1, a2)
    b1 = v128.xor(b1, b2)
    a0 = v128.xor(a0, a3)
    b0 = v128.xor(b0, b3)
    a2 = v128.xor(a2, at)
    b2 = v128.xor(b2, bt)
    a3 = rotl45(a3)
    b3 = rotl45(b3)
    to += 32
    from += 32
    out += 32
  }
  v128.store(work, a0, STATE)
  v128.store(work, a1, STATE + 16)
  v128.store(work, a2, STATE + 32)
  v128.store(work, a3, STATE + 48)
  v128.store(work, b0, STATE + 64)
  v128.store(work, b1, STATE + 80)
  v128.store(work, b2, STATE + 96)
  v128.store(work, b3, STATE + 112)
}

/** StoreOp and MapOp that do nothing. */
export class NoOp {
  write(_draws: v128, _to: usize): void {}
  transform(_from: usize, _to: usize): void {}
}

/** StoreOp: the draws as u32. */
export class StoreBits {
  write(draws: v128, to: usize): void {
    v128.store(to, draws)
  }
}

/** StoreOp: f = RN(draw as i32) + 0.5, with which every transform but one begins. */
export class StoreFloats {
  write(draws: v128, to: usize): void {
    v128.store(to, drawsToFloats(changetype<usize>(this), draws))
  }
}

/** f = RN(draw as i32) + 0.5 of four draws. */
export function drawsToFloats(work: usize, draws: v128): v128 {
  return f32x4.add(f32x4.convert_i32x4_s(draws), loadBroadcast(work, HALF))
}

/** Skips the next 8 x `steps` draws of the block, for two thirds of the cost of generating them. */
export function skipByStepping(work: usize, steps: u32): void {
  advance<NoOp, NoOp>(work, 0, steps, 0, 0)
}
