/**
 * Computes the statistics of a tensor in one pass over its bytes. Each chunk is read once while it is in the cache: sums
 * of powers about its first value give its moments, which are merged with those of the chunks before. For large 16-bit
 * tensors, bit patterns are counted instead, and all statistics follow from the counts. The boundaries of chunks depend
 * only on the tensor, so the same bytes have the same statistics in any file.
 */

import { STORED_BITS, type StoredDtype } from '../safetensors/read-header.ts'
import { BucketCounter } from './histogram.ts'
import { LevelCounter, type Levels } from './level-counter.ts'
import {
  isFarFromMean,
  mergeMoments,
  computeMomentsFromSums,
  computeMoments,
  EMPTY_MOMENTS,
} from './moments.ts'
import { CHUNK_VALUES, type StatsBackend } from './stats-backend.ts'
import { get16BitValueTable } from './to-f32.ts'
import type { Statistics } from './inspection-records.ts'

/** Up to this many values are counted one by one: reading all counters takes longer. */
const SMALL_CHUNK_VALUES = 512

/** From this many elements on, 16-bit elements are counted by bit pattern: reading all counters takes less time than they do. */
const PATTERN_COUNT_THRESHOLD = 2 ** 18

/** Counters are read before they exceed this value. */
const MAX_COUNTER_VALUE = 2 ** 30

/** Accumulates the elements of a tensor, given in pieces of any length. */
export class StatsAccumulator {
  private readonly statsBackend: StatsBackend
  private readonly dtype: StoredDtype
  private readonly width: number
  /** The values of all bit patterns, if patterns are counted. */
  private readonly table: Float32Array | undefined
  private readonly buckets: BucketCounter
  private readonly levelCounter = new LevelCounter()
  private moments = EMPTY_MOMENTS
  private partMoments = EMPTY_MOMENTS
  /** Whether the counters of the backend hold counts that the buckets lack. */
  private hasPendingCounts = false
  private bufferedCount = 0
  private count = 0
  private zeros = 0
  private nans = 0
  private min = Infinity
  private max = -Infinity

  /** `partElements`: the number of elements between two calls of `endPart`. */
  constructor(statsBackend: StatsBackend, dtype: StoredDtype, partElements = 0) {
    this.statsBackend = statsBackend
    this.dtype = dtype
    this.width = STORED_BITS[dtype] / 8
    this.table = partElements < PATTERN_COUNT_THRESHOLD ? undefined : get16BitValueTable(dtype)
    this.buckets = new BucketCounter(this.table !== undefined)
  }

  /** Adds a whole number of elements. */
  add(bytes: Uint8Array): void {
    const capacity = this.table ? MAX_COUNTER_VALUE : CHUNK_VALUES
    for (let done = 0; done < bytes.length;) {
      const piece = bytes.subarray(done, done + (capacity - this.bufferedCount) * this.width)
      if (this.table) this.statsBackend.countPatterns16(piece)
      else this.statsBackend.load(this.dtype, piece, this.bufferedCount)
      this.bufferedCount += piece.length / this.width
      done += piece.length
      if (this.bufferedCount === capacity) this.flush()
    }
  }

  /** Ends a part, and returns a signature: parts with the same bytes have the same one; other parts may share it. */
  endPart(): string {
    this.flush()
    const { finite, mean, m2, m3, m4 } = this.partMoments
    this.moments = mergeMoments(this.moments, this.partMoments)
    this.partMoments = EMPTY_MOMENTS
    return [finite, mean, m2, m3, m4].join()
  }

  /** Statistics of all elements so far. */
  get statistics(): Statistics {
    this.endPart()
    const { finite, mean, m2, m4 } = this.moments
    const { count, zeros, nans } = this
    const isEmpty = finite === 0
    return {
      count,
      finite,
      mean: isEmpty ? NaN : mean,
      std: isEmpty ? NaN : Math.sqrt(m2 / finite),
      kurtosis: m2 > 0 ? (finite * m4) / (m2 * m2) : NaN,
      min: isEmpty ? NaN : this.min,
      max: isEmpty ? NaN : this.max,
      zeros,
      nans,
      infinities: count - finite - nans,
    }
  }

  /** Counts of the values by bucket. Read it last. */
  get bucketCounter(): BucketCounter {
    this.flush()
    if (this.hasPendingCounts) this.buckets.drainCounters(this.statsBackend.counters)
    this.hasPendingCounts = false
    return this.buckets
  }

  /** The distinct finite values of all elements so far, if they are few. */
  get levels(): Levels | undefined {
    this.flush()
    return this.levelCounter.toLevels()
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

  /** Separate from `flushValues`, where one counter would be incremented over and over, each time waiting for the last. */
  private flushConstant(value: number, count: number): void {
    this.updateRange(value, value, value === 0 ? count : 0)
    this.buckets.add(value, count)
    this.levelCounter.add(value, count)
    this.partMoments = mergeMoments(this.partMoments, { ...EMPTY_MOMENTS, finite: count, mean: value })
  }

  private flushValues(length: number): void {
    const { statsBackend } = this
    const { values } = statsBackend
    const isSmall = length <= SMALL_CHUNK_VALUES
    const nearZeroBefore = countNearZero(statsBackend.counters)
    let count = length
    let chunkStats = statsBackend.computeChunkStats(count, values[0], !isSmall)
    if (isSmall) this.buckets.addFinite(values.subarray(0, length))
    else this.hasPendingCounts = true
    const hasZeros = isSmall || countNearZero(statsBackend.counters) > nearZeroBefore
    const zeros = hasZeros ? countZeros(values, length) : 0
    if (this.count % MAX_COUNTER_VALUE < length) this.buckets.drainCounters(statsBackend.counters) // before one overflows
    if (!Number.isFinite(chunkStats.sums[3])) {
      count = this.compactFinite(length)
      if (count === 0) return
      chunkStats = statsBackend.computeChunkStats(count, values[0], false)
    }
    this.levelCounter.addValues(values, count)
    this.updateRange(chunkStats.min, chunkStats.max, zeros)
    let [center, { sums }] = [values[0], chunkStats]
    if (isFarFromMean(count, sums)) {
      center = Math.fround(center + sums[0] / count)
      sums = statsBackend.computeChunkStats(count, center, false).sums
    }
    this.partMoments = mergeMoments(this.partMoments, computeMomentsFromSums(center, count, sums))
  }

  /** Moves the finite values to the front, counts the NaNs, and returns the number of finite values. */
  private compactFinite(length: number): number {
    const { values } = this.statsBackend
    let finite = 0
    for (let i = 0; i < length; i++) {
      if (Number.isFinite(values[i])) values[finite++] = values[i]
      else if (Number.isNaN(values[i])) this.nans++
    }
    return finite
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
      this.levelCounter.add(value, count)
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

/** The counts of the buckets of 0 and -0, which include the smallest subnormals. */
function countNearZero(counters: Uint32Array): number {
  return counters[0] + counters[0x8000]
}

function countZeros(values: Float32Array, count: number): number {
  let zeros = 0
  for (let i = 0; i < count; i++) if (values[i] === 0) zeros++
  return zeros
}

function isConstant(values: Float32Array, count: number): boolean {
  let equal = 1
  while (equal < count && values[equal] === values[0]) equal++
  return equal === count && Number.isFinite(values[0])
}
