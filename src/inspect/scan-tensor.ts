/**
 * What the values of a tensor say by themselves: statistics, a histogram, the distribution they are nearest to, and
 * whether the tensor repeats its beginning. One reading in bounded memory; it depends on nothing but the tensor's bytes,
 * dtype and shape, so it does not matter who looks, and when.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { STORED_BITS, type ByteSource, type StoredTensor } from '../safetensors/reader.ts'
import { computeHistogram, computeQuantile, type Buckets, type Histogram } from './histogram.ts'
import { fitDistribution, type DistributionFit } from './fit-distribution.ts'
import type { StatsBackend } from './stats-backend.ts'
import { StatsAccumulator, type Statistics } from './statistics.ts'
import { isMeasurable } from './to-f32.ts'
import { ReadAheadReader } from './read-ahead.ts'

/** SHA-256, whoever computes it. */
export interface Hash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** With what tensors are looked at. */
export interface ScanContext {
  readonly statsBackend: StatsBackend
  readonly hash: () => Hash
  /** Of the model, where that is known. */
  readonly layers?: number
  /** May throw to stop. */
  readonly onBytes?: (bytes: number) => void
}

/** What was seen; `InspectedTensor` says what each is. */
export interface TensorScan {
  readonly statistics?: Statistics
  readonly bulkStd?: number
  readonly histogram?: Histogram
  readonly nearest?: DistributionFit
  readonly repeats?: number
  /** The same text for tensors of the same dtype and bytes, though not for those alone. */
  readonly signature: string
}

const HISTOGRAM_BINS = 40

/** Elements of a part that is worth a look for parts of the same bytes. */
const MIN_PART_ELEMENTS = 4096

/** At a tensor whose file has its data from byte `data` on. Throws what the source and `onBytes` throw. */
export async function scanTensor(
  { dtype, shape, begin, end }: StoredTensor,
  dataOffset: number,
  reader: ReadAheadReader,
  { statsBackend, hash, layers, onBytes = () => {} }: ScanContext,
): Promise<TensorScan> {
  const bytes = end - begin
  if (!isMeasurable(dtype)) {
    onBytes(bytes)
    return { signature: [dtype, bytes].join() }
  }
  const at = dataOffset + begin
  const width = STORED_BITS[dtype] / 8
  const parts = choosePartCount(shape)
  const gatherer = new StatsAccumulator(statsBackend, dtype, bytes / parts / width)
  const signatures: string[] = []
  for (let part = 0; part < parts; part++) {
    let position = at + (bytes / parts) * part
    const stop = at + (bytes / parts) * (part + 1)
    while (position < stop) {
      const some = await reader.getBytes(position, stop, width)
      gatherer.add(some)
      position += some.length
      onBytes(some.length)
    }
    signatures.push(gatherer.endPart())
  }
  const { statistics } = gatherer
  const exact = dtype !== 'F32' && dtype !== 'F16'
  const cells = gatherer.bucketCounter.toBuckets(exact)
  const bulkStd =
    cells.counts.length > 1 ? (computeQuantile(cells, 0.75) - computeQuantile(cells, 0.25)) / 1.349 : 0
  const nearest = fitDistribution(statistics, cells, shape, dtype, layers)
  const one = statistics.min === statistics.max
  const repeats = one ? 1 : await countRepeats(signatures, reader.source, at, bytes, hash)
  return {
    statistics,
    bulkStd,
    ...(statistics.finite > 0 && { histogram: buildHistogram(cells, statistics, bulkStd) }),
    ...(nearest && { nearest }),
    ...(repeats > 1 && { repeats }),
    signature: [dtype, bytes, ...Object.values(statistics), ...signatures].join(),
  }
}

/** Bins over the bulk of the values: with an outlier at a thousand sigma nothing else would be seen. */
function buildHistogram(cells: Buckets, { mean, std, min, max }: Statistics, bulkStd: number): Histogram {
  if (min === max) return computeHistogram(cells, min - 1, min + 1, HISTOGRAM_BINS)
  const [center, scale] = bulkStd > 0 ? [computeQuantile(cells, 0.5), bulkStd] : [mean, std]
  return computeHistogram(
    cells,
    Math.max(min, center - 5 * scale),
    Math.min(max, center + 5 * scale),
    HISTOGRAM_BINS,
  )
}

/** Into how many parts the first axis is cut, to find those that are the same. */
function choosePartCount(shape: readonly number[]): number {
  const size = shape.reduce((product, dimension) => product * dimension, 1)
  return [8, 4, 2].find((parts) => shape[0] % parts === 0 && size / parts >= MIN_PART_ELEMENTS) ?? 1
}

/** How many times the tensor repeats its beginning, by the hashes of the parts whose signatures say so. */
async function countRepeats(
  signatures: readonly string[],
  source: ByteSource,
  at: number,
  bytes: number,
  hash: () => Hash,
): Promise<number> {
  const period = findPeriod(signatures)
  if (period === signatures.length) return 1
  const count = signatures.length / period
  const size = bytes / count
  const first = await hashRange(source, at, size, hash)
  for (let part = 1; part < count; part++) {
    if ((await hashRange(source, at + part * size, size, hash)) !== first) return 1
  }
  return count
}

function findPeriod(list: readonly string[]): number {
  for (let period = 1; period < list.length; period *= 2) {
    if (list.every((item, i) => item === list[i % period])) return period
  }
  return list.length
}

/** In hex, of a stretch of a file. */
export async function hashRange(
  source: ByteSource,
  at: number,
  length: number,
  hash: () => Hash,
): Promise<string> {
  const sum = hash()
  for (let done = 0; done < length;) {
    const some = Math.min(2 ** 20, length - done)
    sum.update(await source.read(at + done, some))
    done += some
  }
  return bytesToHex(sum.digest())
}
