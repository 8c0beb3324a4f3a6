/**
 * Statistics of f32 values, in one pass over a chunk that stays in the second-level cache. Sums are in f64 and separate
 * for each SIMD lane, element i in lane i mod 4, so that plain TypeScript (src/inspect/js-stats.ts) gives the same bits.
 * No value is masked: one that is not finite makes the sums of fourth powers not finite, which those of finite values
 * always are, because they stay far below the range of f64.
 */

/** Bytes of the results of a pass. */
export const STATS_BYTES: usize = 160

/**
 * Stores at `to`: four sums (f64) each of x - center, its square, cube and fourth power, then four minima and maxima
 * (f32). Counts the values by the upper half of their bit pattern, in 65536 counters (u32) at `table`, which costs little
 * because it uses parts of the core that the arithmetic leaves idle. `count` is a multiple of 4.
 *
 * The values of an iteration fit the 15 vector registers that V8 has on x64. Counting zeros as well would take up to
 * 50 % longer.
 */
export function accumulateStats(from: usize, count: u32, to: usize, center: f64, table: usize): void {
  const c = f64x2.splat(center)
  let low1 = f64x2.splat(0)
  let low2 = f64x2.splat(0)
  let low3 = f64x2.splat(0)
  let low4 = f64x2.splat(0)
  let high1 = f64x2.splat(0)
  let high2 = f64x2.splat(0)
  let high3 = f64x2.splat(0)
  let high4 = f64x2.splat(0)
  let minima = f32x4.splat(Infinity)
  let maxima = f32x4.splat(-Infinity)
  for (const end = from + ((<usize>count) << 2); from < end; from += 16) {
    const x = v128.load(from)
    minima = f32x4.pmin(minima, x)
    maxima = f32x4.pmax(maxima, x)
    let d = f64x2.sub(f64x2.promote_low_f32x4(x), c)
    let square = f64x2.mul(d, d)
    low1 = f64x2.add(low1, d)
    low2 = f64x2.add(low2, square)
    low3 = f64x2.add(low3, f64x2.mul(square, d))
    low4 = f64x2.add(low4, f64x2.mul(square, square))
    d = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1)), c)
    square = f64x2.mul(d, d)
    high1 = f64x2.add(high1, d)
    high2 = f64x2.add(high2, square)
    high3 = f64x2.add(high3, f64x2.mul(square, d))
    high4 = f64x2.add(high4, f64x2.mul(square, square))
    incrementCounter(table, load<u16>(from, 2))
    incrementCounter(table, load<u16>(from, 6))
    incrementCounter(table, load<u16>(from, 10))
    incrementCounter(table, load<u16>(from, 14))
  }
  v128.store(to, low1)
  v128.store(to, high1, 16)
  v128.store(to, low2, 32)
  v128.store(to, high2, 48)
  v128.store(to, low3, 64)
  v128.store(to, high3, 80)
  v128.store(to, low4, 96)
  v128.store(to, high4, 112)
  v128.store(to, minima, 128)
  v128.store(to, maxima, 144)
}

/** Counts elements of 16 bits by their pattern, in 65536 counters (u32) at `table`. */
export function countPatterns16(from: usize, count: u32, table: usize): void {
  const end = from + ((<usize>count) << 1)
  for (const lastFour = end - 6; from < lastFour; from += 8) {
    incrementCounter(table, load<u16>(from))
    incrementCounter(table, load<u16>(from, 2))
    incrementCounter(table, load<u16>(from, 4))
    incrementCounter(table, load<u16>(from, 6))
  }
  for (; from < end; from += 2) incrementCounter(table, load<u16>(from))
}

function incrementCounter(table: usize, pattern: u32): void {
  const counter = table + ((<usize>pattern) << 2)
  store<u32>(counter, load<u32>(counter) + 1)
}

/** bf16 to f32. `count` is a multiple of 8. */
export function widenBf16(from: usize, to: usize, count: u32): void {
  for (const end = from + ((<usize>count) << 1); from < end; from += 16) {
    const x = v128.load(from)
    v128.store(to, i32x4.shl(i32x4.extend_low_i16x8_u(x), 16))
    v128.store(to, i32x4.shl(i32x4.extend_high_i16x8_u(x), 16), 16)
    to += 32
  }
}

/**
 * 16 bits to f32. `narrower` is the number of bits by which the exponent is narrower than in f32. `rebias` is the
 * difference of the biases, `minNormal` the smallest normal magnitude and `special` the first magnitude that is infinite
 * or NaN, all as bit patterns of f32. `count` is a multiple of 8.
 */
export function widen16(
  from: usize,
  to: usize,
  count: u32,
  narrower: i32,
  rebias: i32,
  minNormal: i32,
  special: i32,
  infinity: i32,
  sign: i32,
): void {
  const biases = i32x4.splat(rebias)
  const minNormals = i32x4.splat(minNormal)
  const specials = i32x4.splat(special)
  const infinities = i32x4.splat(infinity)
  const signs = i32x4.splat(sign)
  for (const end = from + ((<usize>count) << 1); from < end; from += 16) {
    const x = v128.load(from)
    const low = i32x4.shl(i32x4.extend_low_i16x8_u(x), 16)
    const high = i32x4.shl(i32x4.extend_high_i16x8_u(x), 16)
    v128.store(to, widenVector(low, narrower, biases, minNormals, specials, infinities, signs))
    v128.store(to, widenVector(high, narrower, biases, minNormals, specials, infinities, signs), 16)
    to += 32
  }
}

/** 8 bits to f32, as `widen16`. `count` is a multiple of 16. */
export function widen8(
  from: usize,
  to: usize,
  count: u32,
  narrower: i32,
  rebias: i32,
  minNormal: i32,
  special: i32,
  infinity: i32,
  sign: i32,
): void {
  const biases = i32x4.splat(rebias)
  const minNormals = i32x4.splat(minNormal)
  const specials = i32x4.splat(special)
  const infinities = i32x4.splat(infinity)
  const signs = i32x4.splat(sign)
  for (const end = from + <usize>count; from < end; from += 8) {
    const y = v128.load_ext<u8>(from)
    const low = i32x4.shl(i32x4.extend_low_i16x8_u(y), 24)
    const high = i32x4.shl(i32x4.extend_high_i16x8_u(y), 24)
    v128.store(to, widenVector(low, narrower, biases, minNormals, specials, infinities, signs))
    v128.store(to, widenVector(high, narrower, biases, minNormals, specials, infinities, signs), 16)
    to += 32
  }
}

/** Widens patterns in the uppermost bits. No intermediate f32 is subnormal, which would take a hundred times as long. */
function widenVector(
  x: v128,
  narrower: i32,
  rebias: v128,
  minNormal: v128,
  special: v128,
  infinity: v128,
  sign: v128,
): v128 {
  const magnitude = i32x4.shr_u(v128.andnot(x, sign), narrower)
  const normal = i32x4.add(magnitude, rebias)
  // a subnormal: its significand with a leading one, minus that one
  const subnormal = f32x4.sub(i32x4.add(normal, minNormal), i32x4.add(rebias, minNormal))
  const finite = v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, minNormal))
  const value = v128.or(finite, v128.and(i32x4.ge_s(magnitude, special), infinity))
  return v128.or(value, v128.and(x, sign))
}
