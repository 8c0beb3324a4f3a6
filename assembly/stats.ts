/**
 * Statistics of f32 values, in one pass over a chunk that stays in the second-level cache: sums in f64 by lane, element
 * i in lane i mod 4, so that plain TypeScript (src/inspect/js-stats.ts) gives the same bits. Nothing is masked: a value that
 * is not finite makes the last sums so, since the fourth powers of those that are stay far below what an f64 holds.
 */

/** Bytes that a pass writes. */
export const STATS_BYTES: usize = 160

/**
 * At `to`: four sums (f64) each of x - center, its square, cube and fourth power, then the four least and greatest
 * (f32). Counts the values by the upper half of their pattern, in 65536 counters (u32) at `table`: it costs little, on
 * parts of the core that the arithmetic leaves free. `count` is a multiple of 4.
 *
 * What a turn holds fits the 15 vector registers that V8 has on x64: counting zeros too took up to half as long again.
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
  let least = f32x4.splat(Infinity)
  let greatest = f32x4.splat(-Infinity)
  for (const end = from + ((<usize>count) << 2); from < end; from += 16) {
    const x = v128.load(from)
    least = f32x4.pmin(least, x)
    greatest = f32x4.pmax(greatest, x)
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
  v128.store(to, least, 128)
  v128.store(to, greatest, 144)
}

/** Counts elements of 16 bits, each pattern by a counter (u32) of the 65536 at `table`. */
export function countPatterns16(from: usize, count: u32, table: usize): void {
  const end = from + ((<usize>count) << 1)
  for (const fours = end - 6; from < fours; from += 8) {
    incrementCounter(table, load<u16>(from))
    incrementCounter(table, load<u16>(from, 2))
    incrementCounter(table, load<u16>(from, 4))
    incrementCounter(table, load<u16>(from, 6))
  }
  for (; from < end; from += 2) incrementCounter(table, load<u16>(from))
}

function incrementCounter(table: usize, cell: u32): void {
  const at = table + ((<usize>cell) << 2)
  store<u32>(at, load<u32>(at) + 1)
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
 * 16 bits to f32. `narrower` is by how many bits the exponent is narrower than that of an f32, `rebias` by how much its
 * bias is less, in place; of magnitudes so shifted `least` is the least normal, `special` the first that is no number.
 * `count` is a multiple of 8.
 */
export function widen16(
  from: usize,
  to: usize,
  count: u32,
  narrower: i32,
  rebias: i32,
  least: i32,
  special: i32,
  infinity: i32,
  sign: i32,
): void {
  const biases = i32x4.splat(rebias)
  const leasts = i32x4.splat(least)
  const specials = i32x4.splat(special)
  const infinities = i32x4.splat(infinity)
  const signs = i32x4.splat(sign)
  for (const end = from + ((<usize>count) << 1); from < end; from += 16) {
    const x = v128.load(from)
    const low = i32x4.shl(i32x4.extend_low_i16x8_u(x), 16)
    const high = i32x4.shl(i32x4.extend_high_i16x8_u(x), 16)
    v128.store(to, widenVector(low, narrower, biases, leasts, specials, infinities, signs))
    v128.store(to, widenVector(high, narrower, biases, leasts, specials, infinities, signs), 16)
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
  least: i32,
  special: i32,
  infinity: i32,
  sign: i32,
): void {
  const biases = i32x4.splat(rebias)
  const leasts = i32x4.splat(least)
  const specials = i32x4.splat(special)
  const infinities = i32x4.splat(infinity)
  const signs = i32x4.splat(sign)
  for (const end = from + <usize>count; from < end; from += 8) {
    const y = v128.load_ext<u8>(from)
    const low = i32x4.shl(i32x4.extend_low_i16x8_u(y), 24)
    const high = i32x4.shl(i32x4.extend_high_i16x8_u(y), 24)
    v128.store(to, widenVector(low, narrower, biases, leasts, specials, infinities, signs))
    v128.store(to, widenVector(high, narrower, biases, leasts, specials, infinities, signs), 16)
    to += 32
  }
}

/** Of patterns in the uppermost bits. No f32 is subnormal on the way: those take a processor a hundred times as long. */
function widenVector(
  x: v128,
  narrower: i32,
  rebias: v128,
  least: v128,
  special: v128,
  infinity: v128,
  sign: v128,
): v128 {
  const magnitude = i32x4.shr_u(v128.andnot(x, sign), narrower)
  const normal = i32x4.add(magnitude, rebias)
  // with an exponent of its own, less the one that then leads: what a subnormal is
  const subnormal = f32x4.sub(i32x4.add(normal, least), i32x4.add(rebias, least))
  const value = v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, least))
  const whole = v128.or(value, v128.and(i32x4.ge_s(magnitude, special), infinity))
  return v128.or(whole, v128.and(x, sign))
}
