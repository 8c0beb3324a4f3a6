/** Counts over all 2^32 draws through a transform of the kernels. */

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
  /** The longest run of draws with one value; equals the draws per value unless a run crosses a chunk's edge. */
  longestRun: number
  zeros: number
  positive: number
  /** The number of values beyond each threshold, in magnitude. */
  beyondThresholds: number[]
  /** How many values exceed the value of the previous draw, within chunks of 2^16; and how many fall below it. */
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

/** Draws are signed integers, from -2^31 up. */
export function countAllDraws(map: SampledTransform, thresholds: number[] = []): ExhaustiveCount {
  const backend = new WasmBackend({ module: kernelModule, memory: createMemory(2 ** 20, 0) })
  const job = { key: new Uint32Array(8), transform: map, dtype: 'f32' as const }
  const draws = new Int32Array(DRAWS_PER_CHUNK)
  const values = new Float32Array(DRAWS_PER_CHUNK)
  const patterns = new Uint32Array(values.buffer)
  const seen = new Uint32Array((2 * PATTERN_COUNT) / 32)
  const beyond = thresholds.map(() => 0)
  const sums = [0, 0, 0, 0]
  let [min, max, zeros, positive, rises, falls, rise, fall] = [Infinity, -Infinity, 0, 0, 0, 0, 0, 0]
  let [up, down, longest] = [0, 0, 0]

  /** Counts `run` draws of one value at once, which makes the whole count fast. */
  const count = (pattern: number, v: number, run: number) => {
    longest = Math.max(longest, run)
    const square = v * v
    sums[0] += run * v
    sums[1] += run * square
    sums[2] += run * v * square
    sums[3] += run * square * square
    min = Math.min(min, v)
    max = Math.max(max, v)
    for (let t = 0; t < thresholds.length; t++) if (Math.abs(v) > thresholds[t]) beyond[t] += run
    const magnitude = pattern & 0x7fffffff
    const place = magnitude + (pattern >>> 31 ? PATTERN_COUNT : 0)
    seen[place >>> 5] |= 1 << (place & 31)
    if (v > 0) {
      positive += run
      up = (up + Math.imul(hashMagnitude(magnitude), run)) >>> 0
    } else if (v < 0) down = (down + Math.imul(hashMagnitude(magnitude), run)) >>> 0
    else zeros += run
  }

  for (let first = -(2 ** 31); first < 2 ** 31; first += DRAWS_PER_CHUNK) {
    for (let i = 0; i < DRAWS_PER_CHUNK; i++) draws[i] = first + i
    backend.applyTransform(job, draws, values, 0)
    let start = 0
    for (let i = 1; i <= DRAWS_PER_CHUNK; i++) {
      if (i < DRAWS_PER_CHUNK && patterns[i] === patterns[start]) continue
      count(patterns[start], values[start], i - start)
      if (i === DRAWS_PER_CHUNK) break
      const step = values[i] - values[start]
      if (step > 0) {
        rises++
        rise = Math.max(rise, step)
      } else if (step < 0) {
        falls++
        fall = Math.max(fall, -step)
      }
      start = i
    }
  }
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
