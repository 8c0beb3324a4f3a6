/** Estimates the memory of a run, which grows with the number of tensors but not with their sizes. */

import { CHUNK_BYTES, type Plan } from '../models/index.ts'
import { compileTransform } from '../distributions/transform.ts'

/** Node, the kernels and this program; test/cli/cli.test.ts checks the sum. */
const BASE_BYTES = 140e6

/**
 * Per tensor of the plan, and per element of the largest matrix of a whole-matrix strategy, of which two may be in
 * memory until the garbage collector runs. test/slow/exhaustive/memory.test.ts checks both.
 */
const BYTES_PER_TENSOR = 1600
const BYTES_PER_MATRIX_ELEMENT = 22

export interface MemoryEstimate {
  /** An upper bound of the resident memory of `init` in bytes. */
  readonly peakMemory: number
  /** The part of it that the largest matrix of a whole-matrix strategy needs. */
  readonly matrixMemory: number
}

export function estimatePeakMemory({ files }: Plan): MemoryEstimate {
  let [tensors, elements] = [0, 0]
  const seen = new Set<object>()
  for (const file of files) {
    tensors += file.tensors.length
    for (const { distribution, dtype } of file.tensors) {
      if (seen.has(distribution)) continue // similar tensors share one object
      seen.add(distribution)
      const transform = compileTransform(distribution, dtype)
      if (transform.kind !== 'matrix') continue
      const { rows, columns } = transform.plan.matrix
      elements = Math.max(elements, rows * columns)
    }
  }
  const matrixMemory = BYTES_PER_MATRIX_ELEMENT * elements
  return {
    peakMemory: BASE_BYTES + 3 * CHUNK_BYTES + BYTES_PER_TENSOR * tensors + matrixMemory,
    matrixMemory,
  }
}
