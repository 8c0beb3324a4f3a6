/**
 * Counts over all 2^32 draws through a transform of the kernels. Every transform begins with the conversion of the draw
 * to f32, so one draw for each result of that is enough: `byRoundedDraw`, checked by rounded-draws.test.ts.
 */

import type { SampledTransform } from '../../src/distributions/transform.ts'
import { createMemory } from '../../src/engine/kernel-instance.ts'
import { WasmBackend } from '../../src/engine/wasm-backend.ts'
import { kernelModule } from './kernel.ts'

export interface ExhaustiveCount {
  /** Moments about 0, of order 1 to 4. */
  moments: number[]
  min: number
  max: number
  distinct: number
  /** The longest run of draws with one value. */
  longestRun: number
  zeros: number
  positive: number
  /** The number of values beyond each threshold, in magnitude. */
  beyondThresholds: number[]
  /** How many values exceed the value of the previous draw of the same sign, and how many fall below it. */
  increases: number
  decreases: number
  /** The largest step in the rarer direction: a rise or a fall. */
  maxReversal: number
  /** Sums of a hash of the magnitude over the positive and over the negative values, mod 2^32. */
  hashes: [number, number]
}

const DRAWS_PER_CHUNK = 2 ** 16
/** The number of bit patterns of magnitudes below 8. */
const PATTERN_COUNT = 0x41000000

export function hashMagnitude(pattern: number): number {
  const x = Math.imul(pattern ^ (pattern >>> 15), 0x2c1b3c6d)
  return Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0
}

/** Draws in increasing order, each for itself and all integers up to the next one. */
type DrawChunk = ArrayLike<number>

/** All 2^32 draws: signed integers, from -2^31 up. */
export function* everyDraw(): Generator<DrawChunk> {
  const draws = new Float64Array(DRAWS_PER_CHUNK)
  for (let first = -(2 ** 31); first < 2 ** 31; first += DRAWS_PER_CHUNK) {
    for (let i = 0; i < DRAWS_PER_CHUNK; i++) draws[i] = first + i
    yield draws
  }
}

/** For each f32 that draws round to, the smallest draw that does. */
export function* byRoundedDraw(): Generator<DrawChunk> {
  const draws = new Float64Array(DRAWS_PER_CHUNK)
  const binades = [24, 25, 26, 27, 28, 29, 30] // where f32s are 2 or more apart
  const ranges = [
    ...binades.toReversed().map((k) => [-(2 ** (k + 1)), -(2 ** k), 2 ** (k - 23)]),
    [-(2 ** 24), 2 ** 24, 1],
    ...binades.map((k) => [2 ** k, 2 ** (k + 1), 2 ** (k - 23)]),
  ]
  let before = -Infinity
  const firstThatRoundsTo = (float: number): number => {
    const middle = Math.ceil((before + float) / 2)
    before = float
    if (middle === -Infinity) return -(2 ** 31)
    return Math.fround(middle) === float ? middle : middle + 1
  }
  for (const [start, end, step] of ranges) {
    for (let first = start; first < end; first += DRAWS_PER_CHUNK * step) {
      for (let i = 0; i < DRAWS_PER_CHUNK; i++) draws[i] = firstThatRoundsTo(first + i * step)
      yield draws
    }
  }
  yield [firstThatRoundsTo(2 ** 31)]
}

/** Counts over all draws, given in chunks. */
export function countDraws(
  map: SampledTransform,
  chunks: Iterable<DrawChunk>,
  thresholds: number[] = [],
): ExhaustiveCount {
  const backend = new WasmBackend({ module: kernelModule, memory: createMemory(2 ** 20, 0) })
  const job = { key: new Uint32Array(8), transform: map, dtype: 'f32' as const }
  const values = new Float32Array(DRAWS_PER_CHUNK)
  const patterns = new Uint32Array(values.buffer)
  const seen = new Uint32Array((2 * PATTERN_COUNT) / 32)
  const beyond = thresholds.map(() => 0)
  const sums = [0, 0, 0, 0]
  let [min, max, zeros, positive, rises, falls, rise, fall] = [Infinity, -Infinity, 0, 0, 0, 0, 0, 0]
  let [up, down, longest] = [0, 0, 0]
  let [pattern, value, firstDraw] = [0, NaN, -(2 ** 31)]

  /** Counts all draws of one value at once, which makes the whole count fast. */
  const endRun = (end: number) => {
    const run = end - firstDraw
    if (run === 0) return
    longest = Math.max(longest, run)
    const square = value * value
    sums[0] += run * value
    sums[1] += run * square
    sums[2] += run * value * square
    sums[3] += run * square * square
    min = Math.min(min, value)
    max = Math.max(max, value)
    for (let t = 0; t < thresholds.length; t++) if (Math.abs(value) > thresholds[t]) beyond[t] += run
    const magnitude = pattern & 0x7fffffff
    const place = magnitude + (pattern >>> 31 ? PATTERN_COUNT : 0)
    seen[place >>> 5] |= 1 << (place & 31)
    if (value > 0) {
      positive += run
      up = (up + Math.imul(hashMagnitude(magnitude), run)) >>> 0
    } else if (value < 0) down = (down + Math.imul(hashMagnitude(magnitude), run)) >>> 0
    else zeros += run
  }

  for (const draws of chunks) {
    backend.applyTransform(job, Int32Array.from(draws), values.subarray(0, draws.length), 0)
    for (let i = 0; i < draws.length; i++) {
      if (patterns[i] === pattern && !Number.isNaN(value)) continue
      endRun(draws[i])
      const step = draws[i] === 0 ? 0 : values[i] - value // from one tail of a distribution to the other
      if (step > 0) {
        rises++
        rise = Math.max(rise, step)
      } else if (step < 0) {
        falls++
        fall = Math.max(fall, -step)
      }
      pattern = patterns[i]
      value = values[i]
      firstDraw = draws[i]
    }
  }
  endRun(2 ** 31)
  const moments = sums.map((sum) => sum / 2 ** 32)
  const worst = rises < falls ? rise : fall
  return {
    moments,
    min,
    max,
    distinct: countSetBits(seen),
    longestRun: longest,
    zeros,
    positive,
    beyondThresholds: beyond,
    increases: rises,
    decreases: falls,
    maxReversal: worst,
    hashes: [up, down],
  }
}

/** The number of set bits. */
function countSetBits(words: Uint32Array): number {
  let count = 0
  for (let i = 0; i < words.length; i++) {
    let x = words[i]
    x -= (x >>> 1) & 0x55555555
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
    count += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return count
}
