/**
 * A fill: elements [first, first + count) of a tensor's stream, through its map, as its dtype, to memory.
 *
 * Any first element, any count and any byte alignment of `to` will do; not a byte beyond is written. What cannot
 * be written in whole steps of 8, or must still be cast, goes by way of the draws' buffer.
 */

import { Capped, Centred, Clamped, Shifted, Unbounded } from './affine'
import { E4M3, E5M2, toBf16, toF16, toF8 } from './cast'
import { pass } from './jump'
import { spread } from './lanes'
import { Normal } from './normal'
import { Fold, Squeeze, TruncatedNormal } from './truncated'
import { Uniform } from './uniform'
import { advance, Bits, Floats, Nothing, seed } from './xoshiro'
import {
  BF16,
  BITS,
  CONSTANT,
  DRAWS,
  DTYPE,
  F16,
  F32,
  F8_E4M3,
  HIGH,
  LOW,
  MAP,
  MEAN,
  NORMAL,
  PIECE,
  PIECE_BYTES,
  SCALE,
  TRUNCATED,
  TRUNCATED_SYMMETRIC,
  UNIFORM,
} from './workspace'

/** Draws in a block. Influences the stream. */
export const BLOCK: u32 = 8192

/** Fills `count` elements at `to` with those of the job in `work` from `first` on (an integer below 2^53). */
export function fill(work: usize, to: usize, first: f64, count: u32): void {
  run(work, to, <u64>first, count, false)
}

/** The map and cast of the job alone, on the `count` <= PIECE draws at DRAWS, which are overwritten. For tests. */
export function mapDraws(work: usize, to: usize, count: u32): void {
  run(work, to, 0, count, true)
}

/** Chooses the loops: shorter ones where the mean is 0, or no value reaches a bound. `given`: draws are there. */
function run(work: usize, to: usize, first: u64, count: u32, given: bool): void {
  spread(work)
  const centred = load<f32>(work, MEAN) == 0
  const floor = load<f32>(work, LOW) != -Infinity
  const bounded = floor || load<f32>(work, HIGH) != Infinity
  switch (load<u32>(work, MAP)) {
    case CONSTANT:
      return constant(work, to, <usize>count * width(work))
    case BITS:
      return drawn<Bits>(work, to, first, count, given)
    case UNIFORM:
      if (floor) return drawn<Uniform<Shifted, Clamped>>(work, to, first, count, given)
      if (centred) return drawn<Uniform<Centred, Capped>>(work, to, first, count, given)
      return drawn<Uniform<Shifted, Capped>>(work, to, first, count, given)
    case NORMAL:
      if (centred) return mapped<Floats, Normal<Centred>>(work, to, first, count, given)
      return mapped<Floats, Normal<Shifted>>(work, to, first, count, given)
    case TRUNCATED_SYMMETRIC:
      if (bounded) return symmetric<Clamped>(work, to, first, count, given, centred)
      return symmetric<Unbounded>(work, to, first, count, given, centred)
    case TRUNCATED: // never Centred, see there
      return mapped<Bits, TruncatedNormal<Fold, Shifted, Clamped>>(work, to, first, count, given)
  }
}

function symmetric<Bound>(work: usize, to: usize, first: u64, count: u32, given: bool, centred: bool): void {
  if (centred) return mapped<Floats, TruncatedNormal<Squeeze, Centred, Bound>>(work, to, first, count, given)
  return mapped<Floats, TruncatedNormal<Squeeze, Shifted, Bound>>(work, to, first, count, given)
}

/** Bytes of an element. */
function width(work: usize): usize {
  const dtype = load<u32>(work, DTYPE)
  return dtype == F32 ? 4 : dtype < F8_E4M3 ? 2 : 1
}

/** Stores the pattern in SCALE, an f32 or equal elements of fewer bits, over `bytes`. */
function constant(work: usize, to: usize, bytes: usize): void {
  const pattern = v128.load32_splat(work, SCALE)
  let left = bytes // counted down, since the end may be that of the address space
  for (; left >= 16; left -= 16, to += 16) v128.store(to, pattern)
  for (; left >= 4; left -= 4, to += 4) v128.store32_lane(to, pattern, 0)
  if (left & 2) v128.store16_lane(to, pattern, 0)
  if (left & 1) v128.store8_lane(to + (left & 2), pattern, 0)
}

/** A fill whose values are made where they are drawn: straight to f32 memory but for the ragged ends. */
function drawn<Keep>(work: usize, to: usize, first: u64, count: u32, given: bool): void {
  const draws = work + DRAWS
  if (given) {
    keepGiven<Keep>(work, count)
    return finish(work, draws, to, count)
  }
  const direct = load<u32>(work, DTYPE) == F32
  let block = first / BLOCK
  let at = <u32>(first % BLOCK)
  seed(work, block)
  pass(work, at >> 3)
  while (count > 0) {
    if (at == BLOCK) {
      seed(work, ++block)
      at = 0
    }
    const lead = at & 7
    let n = min(count, BLOCK - at)
    if (direct && lead == 0 && n >= 8) {
      n &= ~7
      advance<Keep, Nothing>(work, to, n >> 3, 0, 0)
    } else {
      n = min(n, (direct ? 8 : PIECE) - lead)
      advance<Keep, Nothing>(work, draws, (lead + n + 7) >> 3, 0, 0)
      finish(work, draws + ((<usize>lead) << 2), to, n)
    }
    to += <usize>n * width(work)
    at += n
    count -= n
  }
}

/** A fill whose values are looked up: while one piece is mapped, the next is drawn in the same loop. */
function mapped<Keep, Map>(work: usize, to: usize, first: u64, count: u32, given: bool): void {
  const map = changetype<Map>(work)
  const direct = load<u32>(work, DTYPE) == F32
  let draws = work + DRAWS
  let other = draws + PIECE_BYTES
  let block = first / BLOCK
  let at = <u32>(first % BLOCK)
  let lead = at & 7
  let n = min(count, min(PIECE - lead, BLOCK - at))
  if (given) {
    keepGiven<Keep>(work, n)
    lead = 0
  } else {
    seed(work, block)
    pass(work, at >> 3)
    advance<Keep, Nothing>(work, draws, (lead + n + 7) >> 3, 0, 0)
  }
  map.prepare(draws, lead + n)
  for (;;) {
    at += n
    count -= n
    if (at == BLOCK && count > 0) {
      seed(work, ++block)
      at = 0
    }
    const next = min(count, min(PIECE, BLOCK - at))
    const steps = (next + 7) >> 3
    const both = min(n >> 3, steps)

    const from = draws + ((<usize>lead) << 2)
    const out = direct ? to : from
    advance<Keep, Map>(work, other, both, from, out)
    if (both < steps) advance<Keep, Nothing>(work, other + ((<usize>both) << 5), steps - both, 0, 0)
    mapRest<Map>(work, from, out, both << 3, direct ? n & ~7 : n)
    if (!direct) finish(work, from, to, n)
    else if (n & 7) {
      const tail = from + ((<usize>(n & ~7)) << 2)
      mapRest<Map>(work, tail, tail, 0, 8)
      finish(work, tail, to + ((<usize>(n & ~7)) << 2), n & 7)
    }
    if (next == 0) return

    map.prepare(other, next)
    to += <usize>n * width(work)
    n = next
    lead = 0
    const free = draws
    draws = other
    other = free
  }
}

/** Maps values [done, count) of the piece at `from`, and up to 7 beyond. */
function mapRest<Map>(work: usize, from: usize, out: usize, done: u32, count: u32): void {
  for (; done < count; done += 8) {
    const at = (<usize>done) << 2
    changetype<Map>(work).map(from + at, out + at)
    changetype<Map>(work).map(from + at + 16, out + at + 16)
  }
}

/** Stores `count` values at `from`, in the draws' buffer, as elements at `to`. */
function finish(work: usize, from: usize, to: usize, count: u32): void {
  if (load<u32>(work, DTYPE) == F32) return memory.copy(to, from, (<usize>count) << 2)
  const whole = count & ~15
  const tail = from + ((<usize>whole) << 2)
  cast(work, from, to, whole)
  if (whole == count) return
  cast(work, tail, tail, 16)
  const bytes = width(work)
  memory.copy(to + <usize>whole * bytes, tail, <usize>(count - whole) * bytes)
}

function cast(work: usize, from: usize, to: usize, count: u32): void {
  switch (load<u32>(work, DTYPE)) {
    case BF16:
      return toBf16(work, from, to, count)
    case F16:
      return toF16(work, from, to, count)
    case F8_E4M3:
      return toF8<E4M3>(work, from, to, count)
    default:
      return toF8<E5M2>(work, from, to, count)
  }
}

/** What `advance` would have kept of the draws at DRAWS. */
function keepGiven<Keep>(work: usize, count: u32): void {
  for (let at = work + DRAWS, end = at + ((<usize>count) << 2); at < end; at += 16) {
    changetype<Keep>(work).keep(v128.load(at), at)
  }
}
