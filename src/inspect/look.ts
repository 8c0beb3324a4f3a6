/**
 * What the values of a tensor say by themselves: statistics, a histogram, the distribution they are nearest to, and
 * whether the tensor repeats its beginning. One reading in bounded memory; it depends on nothing but the tensor's bytes,
 * dtype and shape, so it does not matter who looks, and when.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { STORED_BITS, type ByteSource, type StoredTensor } from '../safetensors/reader.ts'
import { histogram, quantile, type Cells, type Histogram } from './cells.ts'
import { nearestTo, type Nearest } from './nearest.ts'
import type { Passes } from './passes.ts'
import { Gatherer, type Statistics } from './statistics.ts'
import { isMeasured } from './widen.ts'
import { Windows } from './window.ts'

/** SHA-256, whoever computes it. */
export interface Hash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** With what tensors are looked at. */
export interface Means {
  readonly passes: Passes
  readonly hash: () => Hash
  /** Of the model, where that is known. */
  readonly layers?: number
  /** May throw to stop. */
  readonly onBytes?: (bytes: number) => void
}

/** What was seen; `InspectedTensor` says what each is. */
export interface Look {
  readonly statistics?: Statistics
  readonly bulkStd?: number
  readonly histogram?: Histogram
  readonly nearest?: Nearest
  readonly repeats?: number
  /** The same text for tensors of the same dtype and bytes, though not for those alone. */
  readonly signature: string
}

const BINS = 40

/** Elements of a part that is worth a look for parts of the same bytes. */
const PART = 4096

/** At a tensor whose file has its data from byte `data` on. Throws what the source and `onBytes` throw. */
export async function lookAt(
  { dtype, shape, begin, end }: StoredTensor,
  data: number,
  windows: Windows,
  { passes, hash, layers, onBytes = () => {} }: Means,
): Promise<Look> {
  const bytes = end - begin
  if (!isMeasured(dtype)) {
    onBytes(bytes)
    return { signature: [dtype, bytes].join() }
  }
  const at = data + begin
  const width = STORED_BITS[dtype] / 8
  const parts = partsOf(shape)
  const gatherer = new Gatherer(passes, dtype, bytes / parts / width)
  const signatures: string[] = []
  for (let part = 0; part < parts; part++) {
    let position = at + (bytes / parts) * part
    const stop = at + (bytes / parts) * (part + 1)
    while (position < stop) {
      const some = await windows.from(position, stop, width)
      gatherer.add(some)
      position += some.length
      onBytes(some.length)
    }
    signatures.push(gatherer.endPart())
  }
  const { statistics } = gatherer
  const exact = dtype !== 'F32' && dtype !== 'F16'
  const cells = gatherer.values.list(exact)
  const bulkStd = cells.counts.length > 1 ? (quantile(cells, 0.75) - quantile(cells, 0.25)) / 1.349 : 0
  const nearest = nearestTo(statistics, cells, shape, dtype, layers)
  const one = statistics.min === statistics.max
  const repeats = one ? 1 : await repeatsOf(signatures, windows.source, at, bytes, hash)
  return {
    statistics,
    bulkStd,
    ...(statistics.finite > 0 && { histogram: shown(cells, statistics, bulkStd) }),
    ...(nearest && { nearest }),
    ...(repeats > 1 && { repeats }),
    signature: [dtype, bytes, ...Object.values(statistics), ...signatures].join(),
  }
}

/** Bins over the bulk of the values: with an outlier at a thousand sigma nothing else would be seen. */
function shown(cells: Cells, { mean, std, min, max }: Statistics, bulkStd: number): Histogram {
  if (min === max) return histogram(cells, min - 1, min + 1, BINS)
  const [centre, scale] = bulkStd > 0 ? [quantile(cells, 0.5), bulkStd] : [mean, std]
  return histogram(cells, Math.max(min, centre - 5 * scale), Math.min(max, centre + 5 * scale), BINS)
}

/** Into how many parts the first axis is cut, to find those that are the same. */
function partsOf(shape: readonly number[]): number {
  const size = shape.reduce((product, dimension) => product * dimension, 1)
  return [8, 4, 2].find((parts) => shape[0] % parts === 0 && size / parts >= PART) ?? 1
}

/** How many times the tensor repeats its beginning, by the hashes of the parts whose signatures say so. */
async function repeatsOf(
  signatures: readonly string[],
  source: ByteSource,
  at: number,
  bytes: number,
  hash: () => Hash,
): Promise<number> {
  const period = periodOf(signatures)
  if (period === signatures.length) return 1
  const count = signatures.length / period
  const size = bytes / count
  const first = await digest(source, at, size, hash)
  for (let part = 1; part < count; part++) {
    if ((await digest(source, at + part * size, size, hash)) !== first) return 1
  }
  return count
}

function periodOf(list: readonly string[]): number {
  for (let period = 1; period < list.length; period *= 2) {
    if (list.every((item, i) => item === list[i % period])) return period
  }
  return list.length
}

/** In hex, of a stretch of a file. */
export async function digest(
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
