/**
 * Counts over all 2^32 draws through a transform of the kernels. Many draws round to the same f32, so one draw for each
 * distinct input of the table is enough: `byDistinctInput`, which distinct-inputs.test.ts checks over all draws.
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
  /** How many values exceed the value of the previous draw, and how many fall below it. */
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
type DrawChunk = Uint32Array<ArrayBuffer>

/** All 2^32 draws. */
export function* everyDraw(): Generator<DrawChunk> {
  const draws = new Uint32Array(DRAWS_PER_CHUNK)
  for (let first = 0; first < 2 ** 32; first += DRAWS_PER_CHUNK) {
    for (let i = 0; i < DRAWS_PER_CHUNK; i++) draws[i] = first + i
    yield draws
  }
}

/**
 * The smallest draw for each input of the table. Transforms begin with the conversion of the draw to f32; those of
 * asymmetric bounds with that of half the draw, or of half its complement from `upperDraws` on.
 */
export function* byDistinctInput(transform: SampledTransform): Generator<DrawChunk> {
  if (transform.kind !== 'truncated') {
    yield* generateRounded('positive', 1, 0)
    yield* generateRounded('negative', 1, 2 ** 32)
    return
  }
  const { upperDraws } = transform
  for (const draws of generateRounded('positive', 2, 0)) yield trim(draws, -1, upperDraws)
  if (upperDraws === 2 ** 32) return
  yield Uint32Array.of(upperDraws)
  for (const draws of generateRounded('negative', 2, 2 ** 32 - 2)) yield trim(draws, upperDraws, 2 ** 32 - 2)
  yield Uint32Array.of(2 ** 32 - 2)
}

/** For each f32 that integers of one sign round to, the smallest of these integers, times `scale` plus `offset`. */
function* generateRounded(
  sign: 'positive' | 'negative',
  scale: number,
  offset: number,
): Generator<DrawChunk> {
  const binades = [24, 25, 26, 27, 28, 29, 30] // where f32s are 2 or more apart
  const positive = [[0, 2 ** 24, 1], ...binades.map((k) => [2 ** k, 2 ** (k + 1), 2 ** (k - 23)])]
  const ranges = sign === 'positive' ? positive : positive.toReversed().map(([a, b, step]) => [-b, -a, step])
  const draws = new Uint32Array(DRAWS_PER_CHUNK)
  let before = NaN
  const findFirst = (float: number): number => {
    const middle = Math.ceil((before + float) / 2)
    before = float
    if (Number.isNaN(middle)) return float
    return Math.fround(middle) === float ? middle : middle + 1
  }
  for (const [start, end, step] of ranges) {
    for (let first = start; first < end; first += DRAWS_PER_CHUNK * step) {
      for (let i = 0; i < DRAWS_PER_CHUNK; i++) {
        draws[i] = Math.max(0, findFirst(first + i * step) * scale + offset)
      }
      yield draws
    }
  }
  if (sign === 'positive') yield Uint32Array.of(findFirst(2 ** 31) * scale + offset)
}

/** The draws between two others, exclusive. */
function trim(draws: DrawChunk, low: number, high: number): DrawChunk {
  let [start, end] = [0, draws.length]
  while (start < end && draws[start] <= low) start++
  while (start < end && draws[end - 1] >= high) end--
  return draws.subarray(start, end)
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
  let [pattern, value, firstDraw] = [0, NaN, 0]

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
    const signed = new Int32Array(draws.buffer, draws.byteOffset, draws.length)
    backend.applyTransform(job, signed, values.subarray(0, draws.length), 0)
    for (let i = 0; i < draws.length; i++) {
      if (patterns[i] === pattern && !Number.isNaN(value)) continue
      endRun(draws[i])
      const step = values[i] - value
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
  endRun(2 ** 32)
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
