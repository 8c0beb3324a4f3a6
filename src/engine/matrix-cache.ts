/**
 * Matrices that are computed as a whole. The last one is cached until the last element of its tensor has been requested,
 * so that a tensor that is filled in parts is computed once.
 */

import { encodeAll } from '../numeric/dtypes.ts'
import type { Backend, MatrixTask, MatrixJob, MatrixElementRange } from './types.ts'
import { createSparseTask } from './sparse-matrix.ts'

/** Elements that are gathered before they are encoded. */
const GATHER_ELEMENTS = 4096

export class MatrixCache {
  private readonly backend: Backend
  private cached: { readonly key: string; readonly task: MatrixTask } | undefined

  constructor(backend: Backend) {
    this.backend = backend
  }

  /** The matrix of a job, and whether it is finished. No other call gets it until `release`. */
  acquire(job: MatrixJob): { task: MatrixTask; isFinished: boolean } {
    const { cached } = this
    if (cached?.key === computeCacheKey(job)) {
      this.cached = undefined
      return { task: cached.task, isFinished: true }
    }
    const { matrix } = job.transform.plan
    const task =
      matrix.type === 'sparse'
        ? createSparseTask(this.backend, job, matrix)
        : this.backend.createOrthogonalTask(job.key, matrix)
    return { task, isFinished: false }
  }

  /** To be called after a range has been read: caches a finished matrix unless the range was its last. */
  release({ job, first, count }: MatrixElementRange, task: MatrixTask, isFinished = true): void {
    const isLast = first + count >= job.transform.plan.size
    if (!isFinished || isLast) return task.release()
    this.cached?.task.release()
    this.cached = { key: computeCacheKey(job), task }
  }

  /** Empties the cache. */
  clear(): void {
    this.cached = undefined
  }
}

/** Everything that a matrix depends on. */
function computeCacheKey({ key, transform }: MatrixJob): string {
  return `${key.join()} ${JSON.stringify(transform.plan.matrix)}`
}

/** Copies or gathers a range from its finished matrix, and encodes it. */
export function readMatrix(
  { job, target, targetOffset, first, count }: MatrixElementRange,
  values: Float32Array,
): void {
  const { toMatrixIndex } = job.transform.plan
  if (!toMatrixIndex) return encodeAll(job.dtype, values.subarray(first, first + count), target, targetOffset)
  const gathered = new Float32Array(Math.min(GATHER_ELEMENTS, count))
  for (let done = 0; done < count; done += GATHER_ELEMENTS) {
    const chunk = Math.min(GATHER_ELEMENTS, count - done)
    for (let i = 0; i < chunk; i++) gathered[i] = values[toMatrixIndex(first + done + i)] ?? 0
    encodeAll(job.dtype, gathered.subarray(0, chunk), target, targetOffset + done)
  }
}
