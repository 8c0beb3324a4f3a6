/** Inspects every tensor of a checkpoint: scan, find duplicates, compare with the plan of a model. */

import type { PlannedTensor } from '../models/index.ts'
import { compareWithRecipe } from './compare-with-recipe.ts'
import { findDuplicates, type ScannedTensor } from './find-duplicates.ts'
import type { ScanContext, TensorScan } from './scan-tensor.ts'
import { LocalScanner, scanAll, type Scanner, type TensorBatch } from './scanner.ts'
import { generateBatches } from './tensor-batches.ts'
import type { InspectedFile, InspectedTensor, SourceFile, TensorReference } from './inspection-records.ts'

/**
 * Inspects all tensors, and returns them in the order of the files and their bytes. `planned` has the tensors of the
 * model by name; `workerScanners` scan in parallel to this thread. Throws a FormatError for an invalid file.
 */
export async function inspectTensors(
  files: readonly SourceFile[],
  context: ScanContext,
  planned?: ReadonlyMap<string, PlannedTensor>,
  workerScanners: readonly Scanner[] = [],
): Promise<{ files: InspectedFile[]; tensors: InspectedTensor[] }> {
  const inspectedFiles: InspectedFile[] = []
  const scanned = await scanFiles(files, inspectedFiles, context, workerScanners)
  const duplicates = await findDuplicates(scanned, files, context.createHash)
  const tensors = scanned.map((tensor) =>
    createInspectedTensor(tensor, duplicates.get(tensor), planned?.get(tensor.stored.name)),
  )
  return { files: inspectedFiles, tensors }
}

async function scanFiles(
  files: readonly SourceFile[],
  inspectedFiles: InspectedFile[],
  context: ScanContext,
  workerScanners: readonly Scanner[],
): Promise<ScannedTensor[]> {
  const scansByBatch = new Map<TensorBatch, readonly TensorScan[]>()
  const localScanner = new LocalScanner(files, context)
  try {
    await scanAll(generateBatches(files, inspectedFiles), localScanner, workerScanners, (batch, scans) =>
      scansByBatch.set(batch, scans),
    )
  } finally {
    await localScanner.close()
  }
  return [...scansByBatch]
    .toSorted(([a], [b]) => a.file - b.file || a.tensors[0].begin - b.tensors[0].begin)
    .flatMap(([{ file, dataOffset, tensors }, scans]) =>
      tensors.map((stored, i) => ({
        file: files[file],
        start: dataOffset + stored.begin,
        stored,
        scan: scans[i],
      })),
    )
}

function createInspectedTensor(
  { file, stored: { name, dtype, shape, begin, end }, scan }: ScannedTensor,
  duplicateOf: TensorReference | undefined,
  planned: PlannedTensor | undefined,
): InspectedTensor {
  const { signature: _, ...fields } = scan
  const { statistics } = scan
  const expected = planned && statistics && compareWithRecipe(planned, { statistics, shape, dtype })
  return {
    name,
    file: file.name,
    dtype,
    shape,
    bytes: end - begin,
    ...fields,
    ...(duplicateOf && { duplicateOf }),
    ...(expected && { expected }),
  }
}
