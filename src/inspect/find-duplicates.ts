/** Finds tensors with the same dtype and bytes. Only tensors whose signatures agree are read again, to be hashed. */

import type { StoredTensor } from '../safetensors/read-header.ts'
import { hashRange, type TensorScan } from './scan-tensor.ts'
import type { Hash, SourceFile, TensorReference } from './inspection-records.ts'

/** A tensor that has been scanned. */
export interface ScannedTensor {
  readonly file: SourceFile
  /** Byte of the file at which its data starts. */
  readonly start: number
  readonly stored: StoredTensor
  readonly scan: TensorScan
}

/** For each tensor that duplicates an earlier one, the first of them. */
export async function findDuplicates(
  tensors: readonly ScannedTensor[],
  files: readonly SourceFile[],
  createHash: () => Hash,
): Promise<Map<ScannedTensor, TensorReference>> {
  const duplicates = new Map<ScannedTensor, TensorReference>()
  const firstByHash = new Map<string, TensorReference>()
  const candidates = findCandidates(tensors)
  for (const file of files) {
    try {
      for (const tensor of candidates.filter((candidate) => candidate.file === file)) {
        const { name, dtype, begin, end } = tensor.stored
        const key = `${dtype} ${await hashRange(file.source, tensor.start, end - begin, createHash)}`
        const first = firstByHash.get(key)
        if (first) duplicates.set(tensor, first)
        else firstByHash.set(key, { file: file.name, name })
      }
    } finally {
      await file.source.close?.()
    }
  }
  return duplicates
}

/** Tensors that are not empty and share a signature with another. */
function findCandidates(tensors: readonly ScannedTensor[]): ScannedTensor[] {
  const bySignature = new Map<string, ScannedTensor[]>()
  for (const tensor of tensors) {
    const { scan, stored } = tensor
    if (stored.begin === stored.end) continue
    const group = bySignature.get(scan.signature)
    if (group) group.push(tensor)
    else bySignature.set(scan.signature, [tensor])
  }
  return [...bySignature.values()].filter(({ length }) => length > 1).flat()
}
