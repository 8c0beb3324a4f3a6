/** How much memory a run takes: not more for a larger model, but for the names of its tensors. */

import { CHUNK_BYTES, type Plan } from '../models/index.ts'
import { compileTransform } from '../distributions/transform.ts'

/** Node, the kernels and this program, as measured by `test/cli.test.ts`, which holds the whole to it. */
const BASE_BYTES = 140e6

/**
 * Of a tensor while it is planned, and of an element of a matrix that is made whole: `test/slow/exhaustive/memory.test.ts`. A
 * matrix takes half of that; the one before it may still be there, since the collector comes when it likes.
 */
const BYTES_PER_TENSOR = 1600
const BYTES_PER_MATRIX_ELEMENT = 22

/** An upper bound of the resident memory of `init`, in bytes; and how much of it is for the largest matrix made whole. */
export function estimatePeakMemory({ files }: Plan): { peakMemory: number; matrixMemory: number } {
  let [tensors, elements] = [0, 0]
  const seen = new Set<object>()
  for (const file of files) {
    tensors += file.tensors.length
    for (const { distribution, dtype } of file.tensors) {
      if (seen.has(distribution)) continue // which tensors share
      seen.add(distribution)
      const map = compileTransform(distribution, dtype)
      if (map.kind !== 'matrix') continue
      const { rows, columns } = map.plan.matrix
      elements = Math.max(elements, rows * columns)
    }
  }
  const matrixMemory = BYTES_PER_MATRIX_ELEMENT * elements
  return {
    peakMemory: BASE_BYTES + 3 * CHUNK_BYTES + BYTES_PER_TENSOR * tensors + matrixMemory,
    matrixMemory,
  }
}
