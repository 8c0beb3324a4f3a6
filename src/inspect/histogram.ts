/**
 * Counts values in buckets: a bucket is the upper half of an f32's bit pattern, that is its sign, exponent and seven
 * bits of its significand. Counting needs one pass and no range in advance. Histograms, quantiles and distribution
 * functions follow from the counts to within 1/128 of a value; for bf16 and f8 a bucket is a single value.
 */

import type { StoredDtype } from '../safetensors/read-header.ts'
import type { Histogram } from './inspection-records.ts'
import { getSpacing } from './to-f32.ts'

const INFINITY_BUCKET = 0x7f80
const floatValue = new Float32Array(1)
const floatBits = new Uint32Array(floatValue.buffer)

/** The smallest magnitude in a bucket. */
function getMinMagnitude(bucket: number): number {
  floatBits[0] = (bucket & 0x7fff) << 16
  return floatValue[0]
}

/** The buckets that are not empty, in the order of their values: `counts[i]` values within `widths[i] / 2` of `centers[i]`. */
export interface Buckets {
  readonly centers: Float64Array
  readonly widths: Float64Array
  readonly counts: Float64Array
  /** Ranges of the numbers that round to a value in the bucket: all of them are in [lows[i], highs[i]]. */
  readonly lows: Float64Array
  readonly highs: Float64Array
}

/** In these dtypes a bucket holds several values; in the others its smallest magnitude is its only value. */
const SHARED_BUCKET_DTYPES: ReadonlySet<StoredDtype> = new Set(['F64', 'F32', 'F16'])

export class BucketCounter {
  /** Counts by bucket: sparse for few values, dense for many. */
  private readonly sparseCounts = new Map<number, number>()
  private denseCounts: Float64Array | undefined

  /** `dense` allocates a counter for every bucket, which pays off for large tensors. */
  constructor(dense = false) {
    if (dense) this.denseCounts = new Float64Array(65536)
  }

  /** Adds `count` values, all equal to `value`. */
  add(value: number, count: number): void {
    floatValue[0] = value
    const bucket = floatBits[0] >>> 16
    if (this.denseCounts) this.denseCounts[bucket] += count
    else this.sparseCounts.set(bucket, (this.sparseCounts.get(bucket) ?? 0) + count)
  }

  /** Adds the finite ones of the values. */
  addFinite(values: Float32Array): void {
    for (const value of values) if (Number.isFinite(value)) this.add(value, 1)
  }

  /** Adds the counters of a `StatsBackend`, and resets them to 0. */
  drainCounters(counters: Uint32Array): void {
    const dense = (this.denseCounts ??= new Float64Array(65536))
    for (let bucket = 0; bucket < counters.length; bucket++) dense[bucket] += counters[bucket]
    counters.fill(0)
  }

  /** `dtype`: what the values were stored as. */
  toBuckets(dtype: StoredDtype): Buckets {
    const isShared = SHARED_BUCKET_DTYPES.has(dtype)
    const { sparseCounts, denseCounts } = this
    if (denseCounts) for (const [bucket, count] of sparseCounts) denseCounts[bucket] += count
    const orders = denseCounts
      ? listOccupiedOrders(denseCounts)
      : Int32Array.from(sparseCounts.keys(), convertBucketOrder).toSorted()
    const buckets = {
      centers: new Float64Array(orders.length),
      widths: new Float64Array(orders.length),
      counts: new Float64Array(orders.length),
      lows: new Float64Array(orders.length),
      highs: new Float64Array(orders.length),
    }
    for (let i = 0; i < orders.length; i++) {
      const bucket = convertBucketOrder(orders[i])
      const magnitude = getMinMagnitude(bucket)
      const width = getMinMagnitude(bucket + 1) - magnitude
      const middle = isShared && magnitude > 0 ? magnitude + width / 2 : magnitude
      const [inner, outer] = computeRoundingRange(dtype, magnitude, width)
      const isNegative = bucket >= 0x8000
      buckets.centers[i] = isNegative ? -middle : middle
      buckets.lows[i] = isNegative ? -outer : inner
      buckets.highs[i] = isNegative ? -inner : outer
      buckets.widths[i] = width
      buckets.counts[i] = denseCounts ? denseCounts[bucket] : sparseCounts.get(bucket)!
    }
    return buckets
  }
}

/** The magnitudes that round to a value of the dtype in [magnitude, magnitude + width). */
function computeRoundingRange(
  dtype: StoredDtype,
  magnitude: number,
  width: number,
): [inner: number, outer: number] {
  const spacing = getSpacing(dtype, magnitude)
  const largest = Math.max(magnitude, magnitude + width - spacing)
  // below a power of two, values are half as far apart
  const spacingBelow = magnitude === 0 ? spacing : getSpacing(dtype, magnitude * (1 - 2 ** -20))
  return [magnitude - spacingBelow / 2, largest + spacing / 2]
}

/** Converts a bucket to an integer that increases with its values (-1 for the bucket of -0), and back. */
function convertBucketOrder(bucket: number): number {
  return bucket >= 0 && bucket < 0x8000 ? bucket : 0x7fff - bucket
}

/** The orders of the buckets of finite values that are not empty, ascending. */
function listOccupiedOrders(counts: Float64Array): Int32Array {
  const orders = new Int32Array(2 * INFINITY_BUCKET)
  let found = 0
  for (let order = -INFINITY_BUCKET; order < INFINITY_BUCKET; order++)
    if (counts[convertBucketOrder(order)] > 0) orders[found++] = order
  return orders.subarray(0, found)
}

/** Bins from `low` to `high`. A bucket that overlaps several bins is divided between them. */
export function computeHistogram(buckets: Buckets, low: number, high: number, bins: number): Histogram {
  const shares = new Float64Array(bins)
  const scale = bins / (high - low)
  const toBins = (x: number) => Math.min(bins, Math.max(0, (x - low) * scale))
  for (let i = 0; i < buckets.centers.length; i++) {
    const [from, to] = [
      buckets.centers[i] - buckets.widths[i] / 2,
      buckets.centers[i] + buckets.widths[i] / 2,
    ]
    if (to < low || from > high) continue
    const first = Math.min(bins - 1, Math.floor(toBins(from)))
    const last = Math.min(bins - 1, Math.floor(toBins(to)))
    for (let bin = first; bin <= last; bin++) {
      const within = Math.min(toBins(to), bin + 1) - Math.max(toBins(from), bin)
      shares[bin] += buckets.counts[i] * (first === last ? 1 : within / (toBins(to) - toBins(from)))
    }
  }
  return { low, high, counts: Array.from(shares, Math.round) }
}

/** The value below which a fraction of the values lies, to within a bucket. */
export function computeQuantile({ centers, counts }: Buckets, fraction: number): number {
  let left = fraction * sumCounts(counts)
  let i = 0
  while (i < counts.length - 1 && (left -= counts[i]) > 0) i++
  return centers[i]
}

/**
 * The Kolmogorov-Smirnov statistic: the largest distance between the distribution function of the values and `cdf`,
 * measured on both sides of each bucket. What rounding to the dtype moves does not count.
 */
export function computeKsDistance(
  { centers, counts, lows, highs }: Buckets,
  cdf: (x: number) => number,
): number {
  const total = sumCounts(counts)
  let sum = 0
  let max = 0
  for (let i = 0; i < centers.length; i++) {
    max = Math.max(max, Math.abs(sum / total - cdf(lows[i])))
    sum += counts[i]
    if (centers[i + 1] === centers[i]) sum += counts[++i] // -0 and 0
    max = Math.max(max, Math.abs(sum / total - cdf(highs[i])))
  }
  return max
}

function sumCounts(counts: Float64Array): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += counts[i]
  return total
}
