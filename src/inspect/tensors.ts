/**
 * Every tensor of a checkpoint, whoever wrote it: its statistics, what distribution it is nearest to, whether a recipe
 * explains it, and which tensors are the same. One reading of the data in bounded memory; what could be the same,
 * because all statistics are, is read again to be hashed.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { breath } from '../engine/host.ts'
import type { PlannedTensor } from '../models/index.ts'
import {
  FormatError,
  readHeader,
  STORED_BITS,
  type ByteSource,
  type StoredFile,
  type StoredTensor,
} from '../safetensors/reader.ts'
import { histogram, quantile, type Cell, type Histogram } from './cells.ts'
import { expectationOf, type Expectation } from './expected.ts'
import { nearestTo, type Nearest } from './nearest.ts'
import type { Passes } from './passes.ts'
import { Gatherer, type Statistics } from './statistics.ts'
import { isMeasured } from './widen.ts'
import { Windows } from './window.ts'

export interface InspectedTensor {
  readonly name: string
  readonly file: string
  readonly dtype: StoredTensor['dtype']
  readonly shape: readonly number[]
  readonly bytes: number
  /** Undefined for dtypes without numbers of at least 8 bits, and for complex ones. */
  readonly statistics?: Statistics
  /** A standard deviation that outliers do not change: that of a normal with the same middle half. */
  readonly bulkStd?: number
  readonly histogram?: Histogram
  readonly nearest?: Nearest
  /** The tensor that had the same bytes and dtype first; with its file before it, where that has the same name. */
  duplicateOf?: string
  /** Into how many parts of the same bytes its first axis falls, if more than one. */
  readonly repeats?: number
  /** What the recipe of its model says. */
  readonly expected?: Expectation
}

export interface InspectedFile {
  readonly name: string
  readonly bytes: number
  readonly tensors: number
}

/** SHA-256, whoever computes it. */
export interface Hash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** Where the bytes of a file come from. */
export interface FileSource extends ByteSource {
  /** Nothing more will be read for now; a later read may open it again. */
  close?(): void | Promise<void>
}

/** A file of a checkpoint, and its name for reports. */
export interface SourceFile {
  readonly name: string
  readonly source: FileSource
}

/** With what tensors are looked at. */
export interface Means {
  readonly passes: Passes
  readonly hash: () => Hash
  /** What the tensors of the checkpoint are to be, by name. */
  readonly planned?: ReadonlyMap<string, PlannedTensor>
  /** Of the model, where that is known. */
  readonly layers?: number
  /** May throw to stop. */
  readonly onBytes?: (bytes: number) => void
}

const BINS = 40

/** Several times those of the largest models: what is held of each is bounded. */
const MOST_TENSORS = 2 ** 19

/** Those of a tensor in NumPy and PyTorch. */
const MOST_DIMENSIONS = 64

/** Elements of a part that is worth a look for parts of the same bytes. */
const PART = 4096

/** Milliseconds that a page may wait for its turn. */
const UNBROKEN = 20

/** What may be the same as another, and where to read it again. */
interface Candidate {
  readonly tensor: InspectedTensor
  readonly source: FileSource
  readonly at: number
}

/** File after file. Throws a FormatError for a bad one. */
export async function inspectTensors(
  files: readonly SourceFile[],
  means: Means,
): Promise<{ files: InspectedFile[]; tensors: InspectedTensor[] }> {
  const inspected: InspectedFile[] = []
  const tensors: InspectedTensor[] = []
  const alike = new Map<string, Candidate[]>()
  let rested = performance.now()
  for (const { name, source } of files) {
    try {
      const header = await named(name, readHeader(source))
      checkCounts(name, tensors.length + header.tensors.length, header.tensors.rank)
      inspected.push({ name, bytes: source.size, tensors: header.tensors.length })
      const windows = new Windows(source)
      for (const stored of header.tensors) {
        const at = header.headerBytes + stored.begin
        const { tensor, signature } = await inspectTensor(stored, name, at, windows, source, means)
        tensors.push(tensor)
        const same = alike.get(signature)
        if (same) same.push({ tensor, source, at })
        else if (tensor.bytes > 0) alike.set(signature, [{ tensor, source, at }])
        if (performance.now() - rested < UNBROKEN) continue
        await breath() // a window may hold thousands of tensors
        rested = performance.now()
      }
    } finally {
      await source.close?.()
    }
  }
  await findDuplicates([...alike.values()].filter(({ length }) => length > 1).flat(), files, means)
  return { files: inspected, tensors }
}

/** Says which file it is. */
async function named(name: string, header: Promise<StoredFile>): Promise<StoredFile> {
  try {
    return await header
  } catch (error) {
    throw error instanceof FormatError
      ? new FormatError(`${name}: ${error.message}`, { cause: error })
      : error
  }
}

function checkCounts(file: string, tensors: number, rank: number): void {
  if (tensors > MOST_TENSORS) {
    throw new FormatError(
      `${file}: it comes to ${tensors} tensors, of which ${MOST_TENSORS} are inspected at most`,
    )
  }
  if (rank > MOST_DIMENSIONS) {
    throw new FormatError(
      `${file}: a tensor has ${rank} dimensions, where ${MOST_DIMENSIONS} are inspected at most`,
    )
  }
}

async function inspectTensor(
  { name, dtype, shape, begin, end }: StoredTensor,
  file: string,
  at: number,
  windows: Windows,
  source: ByteSource,
  { passes, hash, planned, layers, onBytes = () => {} }: Means,
): Promise<{ tensor: InspectedTensor; signature: string }> {
  const bytes = end - begin
  const base = { name, file, dtype, shape, bytes }
  if (!isMeasured(dtype)) {
    onBytes(bytes)
    return { tensor: base, signature: [dtype, bytes].join() }
  }
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
  const bulkStd = cells.length > 1 ? (quantile(cells, 0.75) - quantile(cells, 0.25)) / 1.349 : 0
  const nearest = nearestTo(statistics, cells, shape, dtype, layers)
  const plan = planned?.get(name)
  const repeats = statistics.min === statistics.max ? 1 : await repeatsOf(signatures, source, at, bytes, hash)
  const tensor: InspectedTensor = {
    ...base,
    statistics,
    bulkStd,
    ...(statistics.finite > 0 && { histogram: shown(cells, statistics, bulkStd) }),
    ...(nearest && { nearest }),
    ...(repeats > 1 && { repeats }),
    ...(plan && { expected: expectationOf(plan, { statistics, shape, dtype }) }),
  }
  return { tensor, signature: [dtype, bytes, ...Object.values(statistics), ...signatures].join() }
}

/** Bins over the bulk of the values: with an outlier at a thousand sigma nothing else would be seen. */
function shown(cells: readonly Cell[], { mean, std, min, max }: Statistics, bulkStd: number): Histogram {
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

async function findDuplicates(
  candidates: readonly Candidate[],
  files: readonly SourceFile[],
  { hash }: Means,
): Promise<void> {
  const first = new Map<string, InspectedTensor>()
  for (const { source } of files) {
    const here = candidates.filter((candidate) => candidate.source === source)
    try {
      for (const { tensor, at } of here) {
        const key = `${tensor.dtype} ${await digest(source, at, tensor.bytes, hash)}`
        const known = first.get(key)
        if (known === undefined) first.set(key, tensor)
        else tensor.duplicateOf = known.name === tensor.name ? `${known.file}: ${known.name}` : known.name
      }
    } finally {
      await source.close?.()
    }
  }
}

async function digest(source: ByteSource, at: number, length: number, hash: () => Hash): Promise<string> {
  const sum = hash()
  for (let done = 0; done < length;) {
    const some = Math.min(2 ** 20, length - done)
    sum.update(await source.read(at + done, some))
    done += some
  }
  return bytesToHex(sum.digest())
}
