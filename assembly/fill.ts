/**
 * A fill: writes elements [first, first + count) of a tensor to memory, from its draws, through its transform, as its
 * dtype.
 *
 * Any first element, count and byte alignment of `to` is allowed, and no other byte is written. Elements that do not
 * make whole steps of 8, or that must be cast, go through the buffer of draws.
 *
 * Policy classes. One loop serves all transforms, because its steps are type parameters:
 *
 *   StoreOp    write(draws, to)        what is stored of the draws of a step
 *   MapOp      prepare(at, count)      done once per chunk of draws, before it is transformed
 *              transform(from, to)     four values
 *   RemapOp    remap(at, end)          moves f into the range between bounds (truncated.ts)
 *   AffineOp   apply(x)                scale and mean
 *   ClampOp    clamp(v)                bounds
 *
 * A policy has no fields and is never constructed. `changetype<Op>(work)` reinterprets the pointer to the workspace as a
 * reference to the policy, so that `this` inside its methods is the workspace, from which they load their parameters.
 * The compiler knows the class at each place, resolves the call statically and inlines it: each combination becomes a
 * loop of its own, without a call, an allocation or a branch on the kind of transform.
 */

import { ClampHigh, ScaleOnly, ClampBoth, ScaleAndShift, NoClamp } from './affine'
import { F8E4M3Format, F8E5M2Format, toBf16, toF16, toF8 } from './cast'
import { skipSteps } from './jump'
import { broadcastConstants } from './broadcast'
import { Normal } from './normal'
import { RemapAsymmetric, RemapSymmetric, TruncatedNormal } from './truncated'
import { StoreUniform } from './uniform'
import { advance, StoreBits, StoreFloats, NoOp, seedBlock } from './xoshiro'
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
  TRANSFORM,
  MEAN,
  NORMAL,
  CHUNK_DRAWS,
  CHUNK_BYTES,
  SCALE,
  TRUNCATED,
  TRUNCATED_SYMMETRIC,
  UNIFORM,
} from './workspace'

/** Draws in a block. The values depend on it. */
export const BLOCK_SIZE: u32 = 8192

/** Writes `count` elements of the job in `work`, from `first` (an integer below 2^53) on, to `to`. */
export function fill(work: usize, to: usize, first: f64, count: u32): void {
  dispatchFill(work, to, <u64>first, count, false)
}

/** Transforms and casts the `count` <= CHUNK_DRAWS draws at DRAWS, which are overwritten. For tests. */
export function applyTransform(work: usize, to: usize, count: u32): void {
  dispatchFill(work, to, 0, count, true)
}

/** Chooses the loop: a shorter one if the mean is 0 or there are no bounds. `hasDraws`: DRAWS already has the draws. */
function dispatchFill(work: usize, to: usize, first: u64, count: u32, hasDraws: bool): void {
  broadcastConstants(work)
  const isCentered = load<f32>(work, MEAN) == 0
  const hasLowerBound = load<f32>(work, LOW) != -Infinity
  const hasBound = hasLowerBound || load<f32>(work, HIGH) != Infinity
  switch (load<u32>(work, TRANSFORM)) {
    case CONSTANT:
      return fillConstant(work, to, <usize>count * elementBytes(work))
    case BITS:
      return fillDirect<StoreBits>(work, to, first, count, hasDraws)
    case UNIFORM:
      if (hasLowerBound)
        return fillDirect<StoreUniform<ScaleAndShift, ClampBoth>>(work, to, first, count, hasDraws)
      if (isCentered) return fillDirect<StoreUniform<ScaleOnly, ClampHigh>>(work, to, first, count, hasDraws)
      return fillDirect<StoreUniform<ScaleAndShift, ClampHigh>>(work, to, first, count, hasDraws)
    case NORMAL:
      if (isCentered) return fillPipelined<StoreFloats, Normal<ScaleOnly>>(work, to, first, count, hasDraws)
      return fillPipelined<StoreFloats, Normal<ScaleAndShift>>(work, to, first, count, hasDraws)
    case TRUNCATED_SYMMETRIC:
      if (hasBound) return fillTruncatedSymmetric<ClampBoth>(work, to, first, count, hasDraws, isCentered)
      return fillTruncatedSymmetric<NoClamp>(work, to, first, count, hasDraws, isCentered)
    case TRUNCATED: // never ScaleOnly, as explained there
      return fillPipelined<StoreBits, TruncatedNormal<RemapAsymmetric, ScaleAndShift, ClampBoth>>(
        work,
        to,
        first,
        count,
        hasDraws,
      )
  }
}

function fillTruncatedSymmetric<ClampOp>(
  work: usize,
  to: usize,
  first: u64,
  count: u32,
  hasDraws: bool,
  isCentered: bool,
): void {
  if (isCentered)
    return fillPipelined<StoreFloats, TruncatedNormal<RemapSymmetric, ScaleOnly, ClampOp>>(
      work,
      to,
      first,
      count,
      hasDraws,
    )
  return fillPipelined<StoreFloats, TruncatedNormal<RemapSymmetric, ScaleAndShift, ClampOp>>(
    work,
    to,
    first,
    count,
    hasDraws,
  )
}

/** Bytes of an element. */
function elementBytes(work: usize): usize {
  const dtype = load<u32>(work, DTYPE)
  return dtype == F32 ? 4 : dtype < F8_E4M3 ? 2 : 1
}

/** Repeats the 32 bits in SCALE, an f32 or several equal elements, over `bytes`. */
function fillConstant(work: usize, to: usize, bytes: usize): void {
  const pattern = v128.load32_splat(work, SCALE)
  let left = bytes // counted down, because the end can be that of the address space
  for (; left >= 16; left -= 16, to += 16) v128.store(to, pattern)
  for (; left >= 4; left -= 4, to += 4) v128.store32_lane(to, pattern, 0)
  if (left & 2) v128.store16_lane(to, pattern, 0)
  if (left & 1) v128.store8_lane(to + (left & 2), pattern, 0)
}

/** A fill that transforms draws while it generates them: directly to f32 memory, except at ragged ends. */
function fillDirect<StoreOp>(work: usize, to: usize, first: u64, count: u32, hasDraws: bool): void {
  const draws = work + DRAWS
  if (hasDraws) {
    storeGivenDraws<StoreOp>(work, count)
    return castAndStore(work, draws, to, count)
  }
  const direct = load<u32>(work, DTYPE) == F32
  let block = first / BLOCK_SIZE
  let at = <u32>(first % BLOCK_SIZE)
  seedBlock(work, block)
  skipSteps(work, at >> 3)
  while (count > 0) {
    if (at == BLOCK_SIZE) {
      seedBlock(work, ++block)
      at = 0
    }
    const lead = at & 7
    let n = min(count, BLOCK_SIZE - at)
    if (direct && lead == 0 && n >= 8) {
      n &= ~7
      advance<StoreOp, NoOp>(work, to, n >> 3, 0, 0)
    } else {
      n = min(n, (direct ? 8 : CHUNK_DRAWS) - lead)
      advance<StoreOp, NoOp>(work, draws, (lead + n + 7) >> 3, 0, 0)
      castAndStore(work, draws + ((<usize>lead) << 2), to, n)
    }
    to += <usize>n * elementBytes(work)
    at += n
    count -= n
  }
}

/** A fill with table look-ups: the loop transforms one chunk and generates the draws of the next. */
function fillPipelined<StoreOp, MapOp>(work: usize, to: usize, first: u64, count: u32, hasDraws: bool): void {
  const map = changetype<MapOp>(work)
  const direct = load<u32>(work, DTYPE) == F32
  let draws = work + DRAWS
  let other = draws + CHUNK_BYTES
  let block = first / BLOCK_SIZE
  let at = <u32>(first % BLOCK_SIZE)
  let lead = at & 7
  let n = min(count, min(CHUNK_DRAWS - lead, BLOCK_SIZE - at))
  if (hasDraws) {
    storeGivenDraws<StoreOp>(work, n)
    lead = 0
  } else {
    seedBlock(work, block)
    skipSteps(work, at >> 3)
    advance<StoreOp, NoOp>(work, draws, (lead + n + 7) >> 3, 0, 0)
  }
  map.prepare(draws, lead + n)
  for (;;) {
    at += n
    count -= n
    if (at == BLOCK_SIZE && count > 0) {
      seedBlock(work, ++block)
      at = 0
    }
    const next = min(count, min(CHUNK_DRAWS, BLOCK_SIZE - at))
    const steps = (next + 7) >> 3
    const both = min(n >> 3, steps)

    const from = draws + ((<usize>lead) << 2)
    const out = direct ? to : from
    advance<StoreOp, MapOp>(work, other, both, from, out)
    if (both < steps) advance<StoreOp, NoOp>(work, other + ((<usize>both) << 5), steps - both, 0, 0)
    transformRest<MapOp>(work, from, out, both << 3, direct ? n & ~7 : n)
    if (!direct) castAndStore(work, from, to, n)
    else if (n & 7) {
      const tail = from + ((<usize>(n & ~7)) << 2)
      transformRest<MapOp>(work, tail, tail, 0, 8)
      castAndStore(work, tail, to + ((<usize>(n & ~7)) << 2), n & 7)
    }
    if (next == 0) return

    map.prepare(other, next)
    to += <usize>n * elementBytes(work)
    n = next
    lead = 0
    const previous = draws
    draws = other
    other = previous
  }
}

/** Transforms values [done, count) of the chunk at `from`, and up to 7 more. */
function transformRest<MapOp>(work: usize, from: usize, out: usize, done: u32, count: u32): void {
  for (; done < count; done += 8) {
    const at = (<usize>done) << 2
    changetype<MapOp>(work).transform(from + at, out + at)
    changetype<MapOp>(work).transform(from + at + 16, out + at + 16)
  }
}

/** Stores `count` values at `from`, in the buffer of draws, as elements at `to`. */
function castAndStore(work: usize, from: usize, to: usize, count: u32): void {
  if (load<u32>(work, DTYPE) == F32) return memory.copy(to, from, (<usize>count) << 2)
  const whole = count & ~15
  const tail = from + ((<usize>whole) << 2)
  castElements(work, from, to, whole)
  if (whole == count) return
  castElements(work, tail, tail, 16)
  const bytes = elementBytes(work)
  memory.copy(to + <usize>whole * bytes, tail, <usize>(count - whole) * bytes)
}

function castElements(work: usize, from: usize, to: usize, count: u32): void {
  switch (load<u32>(work, DTYPE)) {
    case BF16:
      return toBf16(work, from, to, count)
    case F16:
      return toF16(work, from, to, count)
    case F8_E4M3:
      return toF8<F8E4M3Format>(work, from, to, count)
    default:
      return toF8<F8E5M2Format>(work, from, to, count)
  }
}

/** Stores the draws at DRAWS as `advance` would have stored them. */
function storeGivenDraws<StoreOp>(work: usize, count: u32): void {
  for (let at = work + DRAWS, end = at + ((<usize>count) << 2); at < end; at += 16) {
    changetype<StoreOp>(work).write(v128.load(at), at)
  }
}
