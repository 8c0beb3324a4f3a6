/**
 * Statistics of a tensor in one reading. Each chunk of values is passed over once while it is in the cache: sums of
 * powers about a first value, from which the moments follow, and those are merged with those before. Of a large tensor
 * of 16 bits the patterns are counted, and everything follows from the counts. Where the chunks lie depends on the
 * tensor alone: the same bytes have the same statistics, in whatever file.
 */

import { STORED_BITS, type StoredDtype } from '../safetensors/reader.ts'
import { BucketCounter } from './histogram.ts'
import {
  isFarFromMean,
  mergeMoments,
  computeMomentsFromSums,
  computeMoments,
  EMPTY_MOMENTS,
} from './moments.ts'
import { CHUNK_VALUES, type StatsBackend } from './stats-backend.ts'
import { get16BitValueTable } from './to-f32.ts'

/** Of so many values; all but the counts are of the finite ones, and NaN where there are none. */
export interface Statistics {
  readonly count: number
  readonly finite: number
  readonly mean: number
  /** Of the values that are there: divided by their number. */
  readonly std: number
  /** Of a normal it is 3. NaN where all values are one. */
  readonly kurtosis: number
  readonly min: number
  readonly max: number
  readonly zeros: number
  readonly nans: number
  readonly infinities: number
}

/** So many values are counted sooner than all counters are read. */
const SMALL_CHUNK_VALUES = 512

/** So many elements of a part are counted by their patterns: reading all counters takes less than they do. */
const PATTERN_COUNT_THRESHOLD = 2 ** 18

/** So many counts fit a counter. */
const MAX_COUNTER_VALUE = 2 ** 30

/** Gathers the elements of a tensor, piece by piece, of whatever length. */
export class StatsAccumulator {
  private readonly statsBackend: StatsBackend
  private readonly dtype: StoredDtype
  private readonly width: number
  /** The values of all patterns, if those are counted. */
  private readonly table: Float32Array | undefined
  private readonly buckets: BucketCounter
  private moments = EMPTY_MOMENTS
  private partMoments = EMPTY_MOMENTS
  /** Something is in the counters. */
  private hasPendingCounts = false
  private bufferedCount = 0
  private count = 0
  private zeros = 0
  private nans = 0
  private min = Infinity
  private max = -Infinity

  /** Of parts of so many elements. */
  constructor(statsBackend: StatsBackend, dtype: StoredDtype, elements = 0) {
    this.statsBackend = statsBackend
    this.dtype = dtype
    this.width = STORED_BITS[dtype] / 8
    this.table = elements < PATTERN_COUNT_THRESHOLD ? undefined : get16BitValueTable(dtype)
    this.buckets = new BucketCounter(this.table !== undefined)
  }

  /** `bytes` are whole elements. */
  add(bytes: Uint8Array): void {
    const most = this.table ? MAX_COUNTER_VALUE : CHUNK_VALUES
    for (let done = 0; done < bytes.length;) {
      const some = bytes.subarray(done, done + (most - this.bufferedCount) * this.width)
      if (this.table) this.statsBackend.countPatterns16(some)
      else this.statsBackend.load(this.dtype, some, this.bufferedCount)
      this.bufferedCount += some.length / this.width
      done += some.length
      if (this.bufferedCount === most) this.flush()
    }
  }

  /** Ends a part: a text that is the same for parts of the same bytes, though not for those alone. */
  endPart(): string {
    this.flush()
    const { finite, mean, m2, m3, m4 } = this.partMoments
    this.moments = mergeMoments(this.moments, this.partMoments)
    this.partMoments = EMPTY_MOMENTS
    return [finite, mean, m2, m3, m4].join()
  }

  /** Of all that was added. */
  get statistics(): Statistics {
    this.endPart()
    const { finite, mean, m2, m4 } = this.moments
    const { count, zeros, nans } = this
    const none = finite === 0
    return {
      count,
      finite,
      mean: none ? NaN : mean,
      std: none ? NaN : Math.sqrt(m2 / finite),
      kurtosis: m2 > 0 ? (finite * m4) / (m2 * m2) : NaN,
      min: none ? NaN : this.min,
      max: none ? NaN : this.max,
      zeros,
      nans,
      infinities: count - finite - nans,
    }
  }

  /** The values by cell; call it last. */
  get bucketCounter(): BucketCounter {
    this.flush()
    if (this.hasPendingCounts) this.buckets.drainCounters(this.statsBackend.counters)
    this.hasPendingCounts = false
    return this.buckets
  }

  private flush(): void {
    const { bufferedCount, table } = this
    if (bufferedCount === 0) return
    this.bufferedCount = 0
    this.count += bufferedCount
    if (table) this.flushPatterns(table)
    else if (isConstant(this.statsBackend.values, bufferedCount))
      this.flushConstant(this.statsBackend.values[0] + 0, bufferedCount) // no -0
    else this.flushValues(bufferedCount)
  }

  /** One counter would wait for itself again and again. */
  private flushConstant(value: number, count: number): void {
    this.updateRange(value, value, value === 0 ? count : 0)
    this.buckets.add(value, count)
    this.partMoments = mergeMoments(this.partMoments, { ...EMPTY_MOMENTS, finite: count, mean: value })
  }

  private flushValues(held: number): void {
    const { statsBackend } = this
    const { values } = statsBackend
    const few = held <= SMALL_CHUNK_VALUES
    const small = countNearZero(statsBackend.counters)
    let count = held
    let gathered = statsBackend.computeChunkStats(count, values[0], !few)
    if (few) this.buckets.addFinite(values.subarray(0, held))
    else this.hasPendingCounts = true
    const zeros = few || countNearZero(statsBackend.counters) > small ? countZeros(values, held) : 0
    if (this.count % MAX_COUNTER_VALUE < held) this.buckets.drainCounters(statsBackend.counters) // before one overflows
    if (!Number.isFinite(gathered.sums[3])) {
      count = this.compactFinite(held)
      if (count === 0) return
      gathered = statsBackend.computeChunkStats(count, values[0], false)
    }
    this.updateRange(gathered.min, gathered.max, zeros)
    let [center, { sums }] = [values[0], gathered]
    if (isFarFromMean(count, sums)) {
      center = Math.fround(center + sums[0] / count)
      sums = statsBackend.computeChunkStats(count, center, false).sums
    }
    this.partMoments = mergeMoments(this.partMoments, computeMomentsFromSums(center, count, sums))
  }

  /** Moves the finite values to the front, counts the NaN, and returns how many are left. */
  private compactFinite(held: number): number {
    const { values } = this.statsBackend
    let left = 0
    for (let i = 0; i < held; i++) {
      if (Number.isFinite(values[i])) values[left++] = values[i]
      else if (Number.isNaN(values[i])) this.nans++
    }
    return left
  }

  private flushPatterns(table: Float32Array): void {
    const { counters } = this.statsBackend
    const values: number[] = []
    const counts: number[] = []
    let [min, max, zeros] = [Infinity, -Infinity, 0]
    for (let pattern = 0; pattern < counters.length; pattern++) {
      const count = counters[pattern]
      if (count === 0) continue
      const value = table[pattern]
      if (Number.isNaN(value)) this.nans += count
      if (!Number.isFinite(value)) continue
      if (value === 0) zeros += count
      if (value < min) min = value
      if (value > max) max = value
      values.push(value)
      counts.push(count)
      this.buckets.add(value, count)
    }
    counters.fill(0)
    this.updateRange(min + 0, max + 0, zeros) // no -0
    this.partMoments = mergeMoments(this.partMoments, computeMoments(values, counts))
  }

  private updateRange(min: number, max: number, zeros: number): void {
    this.min = Math.min(this.min, min)
    this.max = Math.max(this.max, max)
    this.zeros += zeros
  }
}

/** How many were counted in the cells of 0 and -0, which hold the least subnormals too. */
function countNearZero(counters: Uint32Array): number {
  return counters[0] + counters[0x8000]
}

function countZeros(values: Float32Array, count: number): number {
  let zeros = 0
  for (let i = 0; i < count; i++) if (values[i] === 0) zeros++
  return zeros
}

function isConstant(values: Float32Array, count: number): boolean {
  let same = 1
  while (same < count && values[same] === values[0]) same++
  return same === count && Number.isFinite(values[0])
}
