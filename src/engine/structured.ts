/**
 * Tensors whose elements come from a matrix that is made whole. The last matrix is kept until the last element of its
 * tensor has been asked for, so that a tensor that is filled piece by piece is made once.
 */

import { encodeAll } from '../dtypes.ts'
import type { Backend, Making, StructuredJob, StructuredStretch } from './backend.ts'
import { makeSparse } from './sparse.ts'

/** Elements that are gathered before they are cast. */
const GATHERED = 4096

export class StructuredTensors {
  private readonly backend: Backend
  private kept: { readonly id: string; readonly making: Making } | undefined

  constructor(backend: Backend) {
    this.backend = backend
  }

  /** The matrix of a job, and whether it is finished. It is the caller's until `giveBack`. */
  take(job: StructuredJob): { making: Making; finished: boolean } {
    const { kept } = this
    if (kept?.id === idOf(job)) {
      this.kept = undefined
      return { making: kept.making, finished: true }
    }
    const { matrix } = job.map.form
    const making =
      matrix.type === 'sparse'
        ? makeSparse(this.backend, job, matrix)
        : this.backend.orthogonal(job.key, matrix)
    return { making, finished: false }
  }

  /** After a stretch: keeps a finished matrix that more will be asked of. */
  giveBack({ job, first, count }: StructuredStretch, making: Making, finished = true): void {
    const last = first + count >= job.map.form.size
    if (!finished || last) return making.release()
    this.kept?.making.release()
    this.kept = { id: idOf(job), making }
  }

  /** Forgets what is kept. */
  clear(): void {
    this.kept = undefined
  }
}

/** What a matrix depends on. */
function idOf({ key, map }: StructuredJob): string {
  return `${key.join()} ${JSON.stringify(map.form.matrix)}`
}

/** Copies, or gathers, a stretch from its finished matrix, and casts it. */
export function readStructured(
  { job, target, at, first, count }: StructuredStretch,
  values: Float32Array,
): void {
  const { place } = job.map.form
  if (!place) return encodeAll(job.dtype, values.subarray(first, first + count), target, at)
  const gathered = new Float32Array(Math.min(GATHERED, count))
  for (let done = 0; done < count; done += GATHERED) {
    const some = Math.min(GATHERED, count - done)
    for (let i = 0; i < some; i++) gathered[i] = values[place(first + done + i)] ?? 0
    encodeAll(job.dtype, gathered.subarray(0, some), target, at + done)
  }
}
