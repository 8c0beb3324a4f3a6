/** What an engine asks of the code that executes its fills; `wasm.ts` and `js.ts` are the two answers. */

import type { Dtype, TensorData } from '../numeric/dtypes.ts'
import type {
  FormulaTransform,
  SampledTransform,
  Transform,
  MatrixTransform,
} from '../distributions/transform.ts'
import type { OrthogonalSpec } from '../distributions/matrix-plan.ts'
import type { BatchHandle } from './worker-pool.ts'
import type { MatmulSize } from './matmul.ts'

/** All that fixes the bytes of a tensor. */
export interface FillJob<M extends Transform> {
  readonly key: Uint32Array
  readonly transform: M
  readonly dtype: Dtype
}
export type SampledJob = FillJob<SampledTransform>
export type FormulaJob = FillJob<FormulaTransform>
/** `maskKey` is the key of the purpose 'sparse'. */
export type MatrixJob = FillJob<MatrixTransform> & { readonly maskKey: Uint32Array }
/** Jobs whose elements are made one by one. */
export type ElementJob = SampledJob | FormulaJob

export function isFormulaJob(job: ElementJob): job is FormulaJob {
  return job.transform.kind === 'formula'
}

/** Elements [first, first + count) of a job, for target[at], target[at + 1], ... and nothing else. */
export interface ElementRange<J = ElementJob> {
  readonly job: J
  readonly target: TensorData
  readonly targetOffset: number
  readonly first: number
  readonly count: number
}

export type MatrixElementRange = ElementRange<MatrixJob>

export type AnyElementRange = ElementRange | MatrixElementRange

export function isMatrixRange(stretch: AnyElementRange): stretch is MatrixElementRange {
  return stretch.job.transform.kind === 'matrix'
}

/** A matrix in the making. */
export interface MatrixTask {
  /** How many steps each phase has, which may be done in any order, when those of the phase before are done. */
  readonly phases: readonly number[]
  /** Does a step, again if need be. It pauses where others may have a turn, and says what it did in elements' worth. */
  runStep(phase: number, index: number): Iterable<number>
  /** Sets other threads to a phase; the caller claims steps beside them. Undefined where that is not worth it. */
  dispatch?(phase: number): BatchHandle | undefined
  /** The elements in f32, when all is done; not to be touched after `release`. */
  readonly values: Float32Array
  /** Gives back the memory. */
  release(): void
}

/** A stretch that other threads are at, in pieces of `piece` elements. */
export interface SharedTask {
  readonly batch: BatchHandle
  readonly chunkSize: number
}

export interface Backend {
  readonly name: 'wasm' | 'js'
  readonly simd: boolean
  /** Threads that fill at once, this one among them, and why they are not more. */
  readonly threads: { readonly count: number; readonly reason: string }
  /** Starts other threads now. Resolves when they run, or will not. */
  warmUp?(): Promise<void>
  /** Fills on this thread, at once. */
  fill(stretch: ElementRange): void
  /**
   * Sets other threads to a stretch; the caller claims pieces beside them until none is left, and fills those.
   * Undefined where there are no other threads, they cannot write to the target, or it is not worth it.
   */
  dispatch?(stretch: ElementRange): SharedTask | undefined
  /** An orthogonal matrix from the normals of a key. */
  createOrthogonalTask(key: Uint32Array, form: OrthogonalSpec): MatrixTask
  /** A B, in f32. */
  matmul(a: Float32Array, b: Float32Array, size: MatmulSize): Float32Array
  /** The memory that regions are lent from, and the bytes of it that are free for that. */
  freeMemory(): { readonly buffer: ArrayBufferLike; readonly start: number; readonly end: number }
  /** Ends what runs beside this thread. */
  close(): Promise<void>
}
