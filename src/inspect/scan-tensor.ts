/**
 * What the values of one tensor show: statistics, a histogram, the closest distribution, and whether the tensor repeats
 * its beginning. Reads the data once, in bounded memory. The result depends only on the tensor's bytes, dtype and shape,
 * so any thread may compute it, in any order.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { product } from '../numeric/shape.ts'
import { STORED_BITS, type ByteSource, type StoredTensor } from '../safetensors/read-header.ts'
import { fitDistribution } from './fit-distribution.ts'
import { computeHistogram, computeQuantile, type Buckets } from './histogram.ts'
import type { ReadAheadReader } from './read-ahead.ts'
import { StatsAccumulator } from './stats-accumulator.ts'
import type { StatsBackend } from './stats-backend.ts'
import { isMeasurable } from './to-f32.ts'
import type { Hash, Histogram, InspectedTensor, Statistics } from './inspection-records.ts'

/** What a scan needs apart from the tensor. */
export interface ScanContext {
  readonly statsBackend: StatsBackend
  readonly createHash: () => Hash
  /** Number of layers of the model, if known, for strategies that depend on it. */
  readonly layers?: number
  /** Called with the number of bytes scanned since the last call. May throw to stop the scan. */
  readonly onBytes?: (bytes: number) => void
}

/** The part of an `InspectedTensor` that follows from its own bytes. */
export interface TensorScan extends Pick<
  InspectedTensor,
  'statistics' | 'bulkStd' | 'histogram' | 'nearest' | 'repeats'
> {
  /** Tensors with the same dtype and bytes have the same signature; other tensors may share it. */
  readonly signature: string
}

const HISTOGRAM_BINS = 40

/** Elements that a part must have to be compared with other parts of its tensor. */
const MIN_PART_ELEMENTS = 4096

/** Ratio of a normal's interquartile range to its standard deviation. */
const NORMAL_IQR = 1.349

/** Bytes per read when hashing. */
const HASH_CHUNK_BYTES = 2 ** 20

/** Scans a tensor of a file whose data starts at byte `dataOffset`. Throws what the source and `onBytes` throw. */
export async function scanTensor(
  { dtype, shape, begin, end }: StoredTensor,
  dataOffset: number,
  reader: ReadAheadReader,
  { statsBackend, createHash, layers, onBytes = () => {} }: ScanContext,
): Promise<TensorScan> {
  const bytes = end - begin
  if (!isMeasurable(dtype)) {
    onBytes(bytes)
    return { signature: [dtype, bytes].join() }
  }
  const start = dataOffset + begin
  const width = STORED_BITS[dtype] / 8
  const parts = choosePartCount(shape)
  const accumulator = new StatsAccumulator(statsBackend, dtype, bytes / parts / width)
  const partSignatures: string[] = []
  for (let part = 0; part < parts; part++) {
    let position = start + (bytes / parts) * part
    const partEnd = start + (bytes / parts) * (part + 1)
    while (position < partEnd) {
      const piece = await reader.getBytes(position, partEnd, width)
      accumulator.add(piece)
      position += piece.length
      onBytes(piece.length)
    }
    partSignatures.push(accumulator.endPart())
  }
  const { statistics } = accumulator
  const buckets = accumulator.bucketCounter.toBuckets(dtype)
  const bulkStd = computeBulkStd(buckets)
  const nearest = fitDistribution({ statistics, buckets, levels: accumulator.levels, shape, dtype, layers })
  const isConstant = statistics.min === statistics.max
  const repeats = isConstant ? 1 : await countRepeats(partSignatures, reader.source, start, bytes, createHash)
  return {
    statistics,
    bulkStd,
    ...(statistics.finite > 0 && { histogram: buildHistogram(buckets, statistics, bulkStd) }),
    ...(nearest && { nearest }),
    ...(repeats > 1 && { repeats }),
    signature: [dtype, bytes, ...Object.values(statistics), ...partSignatures].join(),
  }
}

function computeBulkStd(buckets: Buckets): number {
  if (buckets.counts.length <= 1) return 0
  return (computeQuantile(buckets, 0.75) - computeQuantile(buckets, 0.25)) / NORMAL_IQR
}

/** Bins cover the bulk of the values: with an outlier at a thousand sigma, nothing else would be visible. */
function buildHistogram(buckets: Buckets, { mean, std, min, max }: Statistics, bulkStd: number): Histogram {
  if (min === max) return computeHistogram(buckets, min - 1, min + 1, HISTOGRAM_BINS)
  const [center, scale] = bulkStd > 0 ? [computeQuantile(buckets, 0.5), bulkStd] : [mean, std]
  const low = Math.max(min, center - 5 * scale)
  const high = Math.min(max, center + 5 * scale)
  return computeHistogram(buckets, low, high, HISTOGRAM_BINS)
}

/** Number of parts that the first axis is cut into, to find repetitions. */
function choosePartCount(shape: readonly number[]): number {
  const size = product(shape)
  return [8, 4, 2].find((parts) => shape[0] % parts === 0 && size / parts >= MIN_PART_ELEMENTS) ?? 1
}

/** How many times the tensor repeats its beginning. Parts with equal signatures are hashed to be sure. */
async function countRepeats(
  partSignatures: readonly string[],
  source: ByteSource,
  start: number,
  bytes: number,
  createHash: () => Hash,
): Promise<number> {
  const period = findPeriod(partSignatures)
  if (period === partSignatures.length) return 1
  const repeats = partSignatures.length / period
  const size = bytes / repeats
  const first = await hashRange(source, start, size, createHash)
  for (let i = 1; i < repeats; i++) {
    if ((await hashRange(source, start + i * size, size, createHash)) !== first) return 1
  }
  return repeats
}

function findPeriod(list: readonly string[]): number {
  for (let period = 1; period < list.length; period *= 2) {
    if (list.every((item, i) => item === list[i % period])) return period
  }
  return list.length
}

/** Hash of `length` bytes from `start` on, in hexadecimal. */
export async function hashRange(
  source: ByteSource,
  start: number,
  length: number,
  createHash: () => Hash,
): Promise<string> {
  const hash = createHash()
  for (let done = 0; done < length;) {
    const count = Math.min(HASH_CHUNK_BYTES, length - done)
    hash.update(await source.read(start + done, count))
    done += count
  }
  return bytesToHex(hash.digest())
}
