/** Reads the headers of the files, and groups their tensors into batches for scanners. */

import { FormatError } from '../errors/simdinit-error.ts'
import { readHeader, type StoredFile, type StoredTensor } from '../safetensors/read-header.ts'
import type { TensorBatch } from './scanner.ts'
import type { InspectedFile, SourceFile } from './inspection-records.ts'

/** Several times what the largest models have: the memory that a tensor takes here is bounded, and so is the total. */
export const MAX_TENSORS = 2 ** 19

/** The limit of NumPy and PyTorch. */
const MAX_DIMENSIONS = 64

/** A batch ends at this many bytes: several read windows, and short enough to keep all threads busy to the end. */
const MAX_BATCH_BYTES = 2 ** 24

const MAX_BATCH_TENSORS = 1024

/** Yields the tensors of one file after the other; adds a record for each file to `inspectedFiles`. */
export async function* generateBatches(
  files: readonly SourceFile[],
  inspectedFiles: InspectedFile[],
): AsyncGenerator<TensorBatch> {
  let count = 0
  for (const [file, { name, source }] of files.entries()) {
    const limits = { maxTensors: MAX_TENSORS - count, maxDimensions: MAX_DIMENSIONS }
    const header = await addFileNameToErrors(name, readHeader(source, limits)).finally(() => source.close?.())
    const { headerBytes: dataOffset, tensors } = header
    count += tensors.length
    inspectedFiles.push({ name, bytes: source.size, tensors: tensors.length })
    let batch: StoredTensor[] = []
    for (const tensor of tensors) {
      batch.push(tensor)
      if (batch.length < MAX_BATCH_TENSORS && tensor.end - batch[0].begin < MAX_BATCH_BYTES) continue
      yield { file, dataOffset, tensors: batch }
      batch = []
    }
    if (batch.length > 0) yield { file, dataOffset, tensors: batch }
  }
}

async function addFileNameToErrors(name: string, header: Promise<StoredFile>): Promise<StoredFile> {
  try {
    return await header
  } catch (error) {
    throw error instanceof FormatError
      ? new FormatError(`${name}: ${error.message}`, { cause: error })
      : error
  }
}
