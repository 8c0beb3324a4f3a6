/** How much memory a run takes: not more for a larger model, but for the names of its tensors. */

import { CHUNK_BYTES, type Plan } from '../models/index.ts'
import { mapOf } from '../maps.ts'

/** Node, the kernels and this program, as measured by `test/cli.test.ts`, which holds the whole to it. */
const PROGRAM = 140e6

/**
 * Of a tensor while it is planned, and of an element of a matrix that is made whole: `test/exhaustive/memory.test.ts`. A
 * matrix takes half of that; the one before it may still be there, since the collector comes when it likes.
 */
const TENSOR = 480
const ELEMENT = 22

/** An upper bound of the resident memory of `init`, in bytes; and how much of it is for the largest matrix made whole. */
export function peakMemory({ files }: Plan): { peakMemory: number; matrixMemory: number } {
  let [tensors, elements] = [0, 0]
  const seen = new Set<object>()
  for (const file of files) {
    tensors += file.tensors.length
    for (const { kind } of file.tensors) {
      if (seen.has(kind)) continue
      seen.add(kind)
      const map = mapOf(kind.distribution, kind.dtype)
      if (map.kind !== 'structured') continue
      const { rows, columns } = map.form.matrix
      elements = Math.max(elements, rows * columns)
    }
  }
  const matrixMemory = ELEMENT * elements
  return { peakMemory: PROGRAM + 3 * CHUNK_BYTES + TENSOR * tensors + matrixMemory, matrixMemory }
}
