/** What an engine asks of the code that executes its fills; `wasm.ts` and `js.ts` are the two answers. */

import type { Dtype, TensorData } from '../dtypes.ts'
import type { ComputedMap, DrawnMap, ElementMap } from '../maps.ts'
import type { Running } from './pool.ts'

/** All that fixes the bytes of a tensor. */
export interface JobOf<M extends ElementMap> {
  readonly key: Uint32Array
  readonly map: M
  readonly dtype: Dtype
}
export type DrawnJob = JobOf<DrawnMap>
export type ComputedJob = JobOf<ComputedMap>
export type Job = DrawnJob | ComputedJob

export function isComputed(job: Job): job is ComputedJob {
  return job.map.kind === 'computed'
}

/** Elements [first, first + count) of a job, for target[at], target[at + 1], ... and nothing else. */
export interface Stretch {
  readonly job: Job
  readonly target: TensorData
  readonly at: number
  readonly first: number
  readonly count: number
}

/** A stretch that other threads are at, in pieces of `piece` elements. */
export interface Shared {
  readonly running: Running
  readonly piece: number
}

export interface Backend {
  readonly name: 'wasm' | 'js'
  readonly simd: boolean
  /** Threads that fill at once, this one among them, and why they are not more. */
  readonly threads: { readonly count: number; readonly reason: string }
  /** Fills on this thread, at once. */
  fill(stretch: Stretch): void
  /**
   * Sets other threads to a stretch; the caller claims pieces beside them until none is left, and fills those.
   * Undefined where there are no other threads, they cannot write to the target, or it is not worth it.
   */
  share?(stretch: Stretch): Shared | undefined
  /** The memory that regions are lent from, and the bytes of it that are free for that. */
  heap(): { readonly buffer: ArrayBufferLike; readonly start: number; readonly end: number }
  /** Ends what runs beside this thread. */
  close(): Promise<void>
}
