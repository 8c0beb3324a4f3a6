/**
 * A fill: elements [first, first + count) of a tensor's stream, through its map, as its dtype, to memory.
 *
 * The work goes in pieces that stay in the first-level cache, each through a few passes: draws, map, cast.
 * Any first element, any count and any byte alignment of `to` will do; not a byte beyond is written.
 */

import { toBf16, toF16 } from './cast'
import { normal } from './normal'
import { fold, squeeze, truncatedNormal } from './truncated'
import { uniform } from './uniform'
import { drawBits, drawFloats, drawsAs, seed, skip } from './xoshiro'
import { hold } from './hold'
import {
  BF16,
  BITS,
  CONSTANT,
  DRAWS,
  DTYPE,
  F32,
  MAP,
  NORMAL,
  PIECE,
  SCALE,
  TRUNCATED,
  TRUNCATED_SYMMETRIC,
  UNIFORM,
} from './workspace'

/** Draws in a block. Influences the stream. */
export const BLOCK: u32 = 8192

/** Fills `count` elements at `to` with those of the job in `work` from `first` on (an integer below 2^53). */
export function fill(work: usize, to: usize, first: f64, count: u32): void {
  const map = load<u32>(work, MAP)
  const width: usize = load<u32>(work, DTYPE) == F32 ? 4 : 2
  if (map == CONSTANT) return constant(work, to, <usize>count * width)

  let block = <u64>first / BLOCK
  let at = <u32>(<u64>first % BLOCK)
  const draws = work + DRAWS
  seed(work, block)
  skip(work, at >> 3)
  while (count > 0) {
    if (at == BLOCK) {
      seed(work, ++block)
      at = 0
    }
    const lead = at & 7
    const n = min(count, min(PIECE - lead, BLOCK - at))
    const steps = (lead + n + 7) >> 3
    if (takesBits(map)) drawBits(work, draws, steps)
    else drawFloats(work, draws, steps)
    piece(work, draws + ((<usize>lead) << 2), to, n)
    to += <usize>n * width
    at += n
    count -= n
  }
}

/** The map and cast of the job alone, on `count` <= PIECE draws at `from`, which are overwritten. For tests. */
export function mapDraws(work: usize, from: usize, to: usize, count: u32): void {
  if (!takesBits(load<u32>(work, MAP))) {
    const half = hold(work, 0x3f000000)
    for (let at = from, end = from + ((<usize>count) << 2); at < end; at += 16) {
      v128.store(at, drawsAs<f32>(v128.load(at), half))
    }
  }
  piece(work, from, to, count)
}

/** Does the map begin from the draw itself, rather than from f? */
function takesBits(map: u32): bool {
  return map == BITS || map == TRUNCATED
}

/** Stores the pattern in SCALE, an f32 or two equal 16-bit values, over `bytes` (a multiple of 2). */
function constant(work: usize, to: usize, bytes: usize): void {
  const pattern = v128.load32_splat(work, SCALE)
  let left = bytes // counted down, since the end may be that of the address space
  for (; left >= 16; left -= 16, to += 16) v128.store(to, pattern)
  for (; left >= 4; left -= 4, to += 4) v128.store32_lane(to, pattern, 0)
  if (left > 0) v128.store16_lane(to, pattern, 0)
}

/** Turns the `count` draws at `from` into elements at `to`: whole vectors directly, the rest by way of `from`. */
function piece(work: usize, from: usize, to: usize, count: u32): void {
  const whole = count & ~15
  const rest = count & 15
  const dtype = load<u32>(work, DTYPE)
  const tail = from + ((<usize>whole) << 2)
  if (dtype == F32) {
    values(work, from, to, whole)
    if (!rest) return
    values(work, tail, tail, 16)
    memory.copy(to + ((<usize>whole) << 2), tail, rest << 2)
  } else {
    values(work, from, from, (count + 15) & ~15)
    cast(work, dtype, from, to, whole)
    if (!rest) return
    cast(work, dtype, tail, tail, 16)
    memory.copy(to + ((<usize>whole) << 1), tail, rest << 1)
  }
}

function values(work: usize, from: usize, to: usize, count: u32): void {
  switch (load<u32>(work, MAP)) {
    case UNIFORM:
      return uniform(work, from, to, count)
    case NORMAL:
      return normal(work, from, to, count)
    case TRUNCATED_SYMMETRIC:
      squeeze(work, from, count)
      return truncatedNormal(work, from, to, count)
    case TRUNCATED:
      fold(work, from, count)
      return truncatedNormal(work, from, to, count)
    default:
      if (to != from) memory.copy(to, from, (<usize>count) << 2)
  }
}

function cast(work: usize, dtype: u32, from: usize, to: usize, count: u32): void {
  if (dtype == BF16) toBf16(work, from, to, count)
  else toF16(work, from, to, count)
}
