/**
 * Every tensor of a checkpoint, whoever wrote it: its statistics, what distribution it is nearest to, whether a recipe
 * explains it, and which tensors are the same. One reading of the data in bounded memory; what could be the same,
 * because all statistics are, is read again to be hashed.
 */

import { FormatError } from '../errors/simdinit-error.ts'
import type { PlannedTensor } from '../models/index.ts'
import { readHeader, type ByteSource, type StoredFile, type StoredTensor } from '../safetensors/reader.ts'
import type { Histogram } from './histogram.ts'
import { compareWithRecipe, type Expectation } from './compare-with-recipe.ts'
import { hashRange, type TensorScan, type ScanContext } from './scan-tensor.ts'
import { LocalScanner, scanAll, type Scanner, type TensorBatch } from './scanner.ts'
import type { DistributionFit } from './fit-distribution.ts'
import type { Statistics } from './statistics.ts'

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
  readonly nearest?: DistributionFit
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

/** Where the bytes of a file come from. */
export interface FileSource extends ByteSource {
  /** Its caller waits while it reads, and would gain nothing by reading ahead. */
  readonly isBlocking?: boolean
  /** Nothing more will be read for now; a later read may open it again. */
  close?(): void | Promise<void>
}

/** A file of a checkpoint, and its name for reports. */
export interface SourceFile {
  readonly name: string
  readonly source: FileSource
}

/** Several times those of the largest models: what is held of each is bounded. */
const MAX_TENSORS = 2 ** 19

/** Those of a tensor in NumPy and PyTorch. */
const MAX_DIMENSIONS = 64

/** Bytes of a stretch, if its tensors are small: some windows, and few enough that nobody waits long for the last one. */
const BATCH_BYTES = 2 ** 24

/** Tensors of a stretch. */
const MAX_BATCH_TENSORS = 1024

/** What may be the same as another, and where to read it again. */
interface DuplicateCandidate {
  readonly tensor: InspectedTensor
  readonly source: FileSource
  readonly offset: number
}

/**
 * All of them, in the order of their files and bytes. Throws a FormatError for a bad file. `planned` is what the
 * tensors are to be, by name; `others` look beside this thread.
 */
export async function inspectTensors(
  files: readonly SourceFile[],
  means: ScanContext,
  planned?: ReadonlyMap<string, PlannedTensor>,
  others: readonly Scanner[] = [],
): Promise<{ files: InspectedFile[]; tensors: InspectedTensor[] }> {
  const inspected: InspectedFile[] = []
  const seen = new Map<TensorBatch, readonly TensorScan[]>()
  const here = new LocalScanner(files, means)
  try {
    await scanAll(generateBatches(files, inspected), here, others, (stretch, looks) =>
      seen.set(stretch, looks),
    )
  } finally {
    await here.close()
  }
  const tensors: InspectedTensor[] = []
  const alike = new Map<string, DuplicateCandidate[]>()
  const inOrder = [...seen].toSorted(([a], [b]) => a.file - b.file || a.tensors[0].begin - b.tensors[0].begin)
  for (const [{ file, dataOffset, tensors: stored }, looks] of inOrder) {
    for (const [i, { signature, ...look }] of looks.entries()) {
      const tensor = createInspectedTensor(stored[i], files[file].name, look, planned)
      tensors.push(tensor)
      const candidate = { tensor, source: files[file].source, offset: dataOffset + stored[i].begin }
      const same = alike.get(signature)
      if (same) same.push(candidate)
      else if (tensor.bytes > 0) alike.set(signature, [candidate])
    }
  }
  await findDuplicates([...alike.values()].filter(({ length }) => length > 1).flat(), files, means)
  return { files: inspected, tensors }
}

/** The tensors of file after file, in stretches; `inspected` has the files so far. */
async function* generateBatches(
  files: readonly SourceFile[],
  inspected: InspectedFile[],
): AsyncGenerator<TensorBatch> {
  let count = 0
  for (const [file, { name, source }] of files.entries()) {
    const limits = { maxTensors: MAX_TENSORS - count, maxDimensions: MAX_DIMENSIONS }
    const header = await addFileNameToErrors(name, readHeader(source, limits)).finally(() => source.close?.())
    const { headerBytes: data, tensors: all } = header
    count += all.length
    inspected.push({ name, bytes: source.size, tensors: all.length })
    let tensors: StoredTensor[] = []
    for (const tensor of all) {
      tensors.push(tensor)
      if (tensors.length < MAX_BATCH_TENSORS && tensor.end - tensors[0].begin < BATCH_BYTES) continue
      yield { file, dataOffset: data, tensors }
      tensors = []
    }
    if (tensors.length > 0) yield { file, dataOffset: data, tensors }
  }
}

function createInspectedTensor(
  { name, dtype, shape, begin, end }: StoredTensor,
  file: string,
  look: Omit<TensorScan, 'signature'>,
  planned: ReadonlyMap<string, PlannedTensor> | undefined,
): InspectedTensor {
  const plan = planned?.get(name)
  const { statistics } = look
  const expected = plan && statistics && compareWithRecipe(plan, { statistics, shape, dtype })
  return { name, file, dtype, shape, bytes: end - begin, ...look, ...(expected && { expected }) }
}

/** Says which file it is. */
async function addFileNameToErrors(name: string, header: Promise<StoredFile>): Promise<StoredFile> {
  try {
    return await header
  } catch (error) {
    throw error instanceof FormatError
      ? new FormatError(`${name}: ${error.message}`, { cause: error })
      : error
  }
}

async function findDuplicates(
  candidates: readonly DuplicateCandidate[],
  files: readonly SourceFile[],
  { hash }: ScanContext,
): Promise<void> {
  const first = new Map<string, InspectedTensor>()
  for (const { source } of files) {
    const here = candidates.filter((candidate) => candidate.source === source)
    try {
      for (const { tensor, offset } of here) {
        const key = `${tensor.dtype} ${await hashRange(source, offset, tensor.bytes, hash)}`
        const known = first.get(key)
        if (known === undefined) first.set(key, tensor)
        else tensor.duplicateOf = known.name === tensor.name ? `${known.file}: ${known.name}` : known.name
      }
    } finally {
      await source.close?.()
    }
  }
}
