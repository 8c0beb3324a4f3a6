/**
 * What an engine asks of the code that executes its fills. `wasm-backend.ts` and `js-backend.ts` implement it. This
 * file imports no other file of the folder, so that all of them can import it.
 */

import type { Dtype, TensorData } from '../numeric/dtypes.ts'
import type {
  FormulaTransform,
  SampledTransform,
  Transform,
  MatrixTransform,
} from '../distributions/transform.ts'
import type { OrthogonalSpec } from '../distributions/matrix-plan.ts'

/** Everything that the bytes of a tensor depend on. */
export interface FillJob<T extends Transform> {
  readonly key: Uint32Array
  readonly transform: T
  readonly dtype: Dtype
}
export type SampledJob = FillJob<SampledTransform>
export type FormulaJob = FillJob<FormulaTransform>
/** `maskKey` is the key of the purpose 'sparse'. */
export type MatrixJob = FillJob<MatrixTransform> & { readonly maskKey: Uint32Array }
/** A job whose elements are computed one by one. */
export type ElementJob = SampledJob | FormulaJob

export function isFormulaJob(job: ElementJob): job is FormulaJob {
  return job.transform.kind === 'formula'
}

/** Elements [first, first + count) of a job, to be written to target[targetOffset], target[targetOffset + 1], ... */
export interface ElementRange<J = ElementJob> {
  readonly job: J
  readonly target: TensorData
  readonly targetOffset: number
  readonly first: number
  readonly count: number
}

export type MatrixElementRange = ElementRange<MatrixJob>

export type AnyElementRange = ElementRange | MatrixElementRange

export function isMatrixRange(range: AnyElementRange): range is MatrixElementRange {
  return range.job.transform.kind === 'matrix'
}

/** Steps that this thread and others share: each thread claims the next one until all are claimed. */
export interface BatchHandle {
  /** Claims a step for this thread: its index, which no other thread gets. Past the last step the index is too high. */
  next(): number
  /** An upper bound of the steps claimed so far. */
  claimedCount(): number
  /** Resolves when all `steps` are done, `own` of them by this thread; false if workers were lost with some. */
  finish(steps: number, own: number): Promise<boolean>
  /** Leaves the rest of `steps` unclaimed. Resolves when no worker executes a step, and none will. */
  cancel(steps: number): Promise<unknown>
}

/** An element range that other threads work on, in chunks of `chunkSize` elements. */
export interface SharedTask {
  readonly batch: BatchHandle
  readonly chunkSize: number
}

/** The computation of a whole matrix. */
export interface MatrixTask {
  /** The number of steps of each phase. The steps of a phase may run in any order, after those of the phase before. */
  readonly phases: readonly number[]
  /** Runs a step; it may run again. Yields where the host may get a turn: the work done since, in elements' worth. */
  runStep(phase: number, index: number): Iterable<number>
  /** Starts other threads on a phase, whose steps the caller claims too. Undefined where that does not pay. */
  dispatch?(phase: number): BatchHandle | undefined
  /** The elements in f32, once all phases are done. Not to be touched after `release`. */
  readonly values: Float32Array
  /** Frees the memory. */
  release(): void
}

/** The sizes of a product of two row-major matrices, A and B. */
export interface MatmulSize {
  /** Rows of the product. */
  readonly rows: number
  /** Columns of A and rows of B. */
  readonly inner: number
  /** Columns of B and of the product. */
  readonly columns: number
  /** Whether A is stored as `inner` x `rows`. Default false. */
  readonly transposed?: boolean
}

export interface Backend {
  readonly name: 'wasm' | 'js'
  readonly simd: boolean
  /** Threads that fill at once, this one included, and why there are not more. */
  readonly threads: { readonly count: number; readonly reason: string }
  /** Starts the other threads. Resolves when they run, or will not. */
  warmUp?(): Promise<void>
  /** Fills on this thread, synchronously. */
  fill(range: ElementRange): void
  /**
   * Starts other threads on a range, whose chunks the caller claims too. Undefined where there are no other threads,
   * where they cannot write to the target, or where it does not pay.
   */
  dispatch?(range: ElementRange): SharedTask | undefined
  /** An orthogonal matrix from the standard normals of a key. */
  createOrthogonalTask(key: Uint32Array, spec: OrthogonalSpec): MatrixTask
  /** A B, in f32. */
  matmul(a: Float32Array, b: Float32Array, size: MatmulSize): Float32Array<ArrayBuffer>
  /** The engine's memory, and the bytes of it that callers may borrow. */
  freeMemory(): { readonly buffer: ArrayBufferLike; readonly start: number; readonly end: number }
  /** Ends the other threads. */
  close(): Promise<void>
}
