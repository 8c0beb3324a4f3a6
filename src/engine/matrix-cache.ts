/**
 * Tensors whose elements come from a matrix that is made whole. The last matrix is kept until the last element of its
 * tensor has been asked for, so that a tensor that is filled piece by piece is made once.
 */

import { encodeAll } from '../numeric/dtypes.ts'
import type { Backend, MatrixTask, MatrixJob, MatrixElementRange } from './types.ts'
import { createSparseTask } from './sparse-matrix.ts'

/** Elements that are gathered before they are cast. */
const GATHER_ELEMENTS = 4096

export class MatrixCache {
  private readonly backend: Backend
  private cached: { readonly id: string; readonly task: MatrixTask } | undefined

  constructor(backend: Backend) {
    this.backend = backend
  }

  /** The matrix of a job, and whether it is finished. It is the caller's until `giveBack`. */
  acquire(job: MatrixJob): { task: MatrixTask; isFinished: boolean } {
    const { cached } = this
    if (cached?.id === computeCacheKey(job)) {
      this.cached = undefined
      return { task: cached.task, isFinished: true }
    }
    const { matrix } = job.transform.plan
    const making =
      matrix.type === 'sparse'
        ? createSparseTask(this.backend, job, matrix)
        : this.backend.createOrthogonalTask(job.key, matrix)
    return { task: making, isFinished: false }
  }

  /** After a stretch: keeps a finished matrix that more will be asked of. */
  release({ job, first, count }: MatrixElementRange, making: MatrixTask, finished = true): void {
    const last = first + count >= job.transform.plan.size
    if (!finished || last) return making.release()
    this.cached?.task.release()
    this.cached = { id: computeCacheKey(job), task: making }
  }

  /** Forgets what is kept. */
  clear(): void {
    this.cached = undefined
  }
}

/** What a matrix depends on. */
function computeCacheKey({ key, transform }: MatrixJob): string {
  return `${key.join()} ${JSON.stringify(transform.plan.matrix)}`
}

/** Copies, or gathers, a stretch from its finished matrix, and casts it. */
export function readMatrix(
  { job, target, targetOffset, first, count }: MatrixElementRange,
  values: Float32Array,
): void {
  const { toMatrixIndex } = job.transform.plan
  if (!toMatrixIndex) return encodeAll(job.dtype, values.subarray(first, first + count), target, targetOffset)
  const gathered = new Float32Array(Math.min(GATHER_ELEMENTS, count))
  for (let done = 0; done < count; done += GATHER_ELEMENTS) {
    const some = Math.min(GATHER_ELEMENTS, count - done)
    for (let i = 0; i < some; i++) gathered[i] = values[toMatrixIndex(first + done + i)] ?? 0
    encodeAll(job.dtype, gathered.subarray(0, some), target, targetOffset + done)
  }
}
