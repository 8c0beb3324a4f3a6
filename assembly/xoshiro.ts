/**
 * xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), four generators
 * side by side: the four lanes of a block.
 *
 *   a0..a3: words s0..s3 of lanes 0 | 1, whose outputs are draws 0,1 | 2,3 of a step (low half first)
 *   b0..b3: words s0..s3 of lanes 2 | 3, whose outputs are draws 4,5 | 6,7
 *
 * Two registers of states hide the latency of each other's dependency chain. The state lives in locals while
 * the loop runs: from globals or memory the same loop takes longer.
 */

import { hold } from './hold'
import { KEY, STATE } from './workspace'

/** 2^64 over the golden ratio, made odd: SplitMix64's increment. Influences the stream. */
const GOLDEN: u64 = 0x9e3779b97f4a7c15

/** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014), a bijection. Influences the stream. */
function mix(z: u64): u64 {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb
  return z ^ (z >> 31)
}

/** Sets the state with which the four lanes of `block` begin. No two lanes or blocks of a key share one. */
export function seed(work: usize, block: u64): void {
  const k0 = load<u64>(work, KEY)
  const k1 = load<u64>(work, KEY + 8)
  const k2 = load<u64>(work, KEY + 16)
  const k3 = load<u64>(work, KEY + 24)
  let n = (block << 3) * GOLDEN
  for (let lane: usize = 0; lane < 4; lane++) {
    const at = work + ((lane >> 1) << 6) + ((lane & 1) << 3)
    const m = n + GOLDEN
    store<u64>(at, mix(mix(n + k0) ^ k1), STATE)
    store<u64>(at, mix(mix(m + k0) ^ k1), STATE + 16)
    store<u64>(at, mix(mix(n + k2) ^ k3), STATE + 32)
    store<u64>(at, mix(mix(m + k2) ^ k3), STATE + 48)
    n = m + GOLDEN
  }
}

function rotl23(x: v128): v128 {
  return v128.or(i64x2.shl(x, 23), i64x2.shr_u(x, 41))
}

function rotl45(x: v128): v128 {
  return v128.or(i64x2.shl(x, 45), i64x2.shr_u(x, 19))
}

/** Draws as they are (T = u32), or as f = RN(draw as i32) + 0.5, where every map but one begins (T = f32). */
export function drawsAs<T>(draws: v128, half: v128): v128 {
  return isFloat<T>() ? f32x4.add(f32x4.convert_i32x4_s(draws), half) : draws
}

/** Advances the lanes by `steps`; stores the 8 draws of each from `to` on as T, or nothing if that is u8. */
function advance<T>(work: usize, to: usize, steps: u32): void {
  const half = hold(work, 0x3f000000)
  let a0 = v128.load(work, STATE)
  let a1 = v128.load(work, STATE + 16)
  let a2 = v128.load(work, STATE + 32)
  let a3 = v128.load(work, STATE + 48)
  let b0 = v128.load(work, STATE + 64)
  let b1 = v128.load(work, STATE + 80)
  let b2 = v128.load(work, STATE + 96)
  let b3 = v128.load(work, STATE + 112)
  for (; steps > 0; steps--) {
    if (sizeof<T>() == 4) {
      v128.store(to, drawsAs<T>(i64x2.add(rotl23(i64x2.add(a0, a3)), a0), half))
      v128.store(to, drawsAs<T>(i64x2.add(rotl23(i64x2.add(b0, b3)), b0), half), 16)
      to += 32
    }
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

/** The next 8 x `steps` draws of the block, as u32. */
export function drawBits(work: usize, to: usize, steps: u32): void {
  advance<u32>(work, to, steps)
}

/** The next 8 x `steps` draws of the block, as f. */
export function drawFloats(work: usize, to: usize, steps: u32): void {
  advance<f32>(work, to, steps)
}

/** Passes over the next 8 x `steps` draws of the block: two thirds of the work of making them. */
export function skip(work: usize, steps: u32): void {
  advance<u8>(work, 0, steps)
}
