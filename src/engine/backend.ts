/** What an engine asks of the code that executes its fills; `wasm.ts` and `js.ts` are the two answers. */

import type { Dtype, TensorData } from '../dtypes.ts'
import type { ComputedMap, DrawnMap, ElementMap, StructuredMap } from '../maps.ts'
import type { OrthogonalForm } from '../structured/forms.ts'
import type { Running } from './pool.ts'
import type { ProductSize } from './product.ts'

/** All that fixes the bytes of a tensor. */
export interface JobOf<M extends ElementMap> {
  readonly key: Uint32Array
  readonly map: M
  readonly dtype: Dtype
}
export type DrawnJob = JobOf<DrawnMap>
export type ComputedJob = JobOf<ComputedMap>
/** `maskKey` is the key of the purpose 'sparse'. */
export type StructuredJob = JobOf<StructuredMap> & { readonly maskKey: Uint32Array }
/** Jobs whose elements are made one by one. */
export type ElementJob = DrawnJob | ComputedJob

export function isComputed(job: ElementJob): job is ComputedJob {
  return job.map.kind === 'computed'
}

/** Elements [first, first + count) of a job, for target[at], target[at + 1], ... and nothing else. */
export interface Stretch<J = ElementJob> {
  readonly job: J
  readonly target: TensorData
  readonly at: number
  readonly first: number
  readonly count: number
}

export type StructuredStretch = Stretch<StructuredJob>

export type AnyStretch = Stretch | StructuredStretch

export function isStructured(stretch: AnyStretch): stretch is StructuredStretch {
  return stretch.job.map.kind === 'structured'
}

/** A matrix in the making. */
export interface Making {
  /** How many steps each phase has, which may be done in any order, when those of the phase before are done. */
  readonly phases: readonly number[]
  /** Does a step, again if need be. It pauses where others may have a turn, and says what it did in elements' worth. */
  step(phase: number, index: number): Iterable<number>
  /** Sets other threads to a phase; the caller claims steps beside them. Undefined where that is not worth it. */
  share?(phase: number): Running | undefined
  /** The elements in f32, when all is done; not to be touched after `release`. */
  readonly values: Float32Array
  /** Gives back the memory. */
  release(): void
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
  /** Starts other threads now. Resolves when they run, or will not. */
  ready?(): Promise<void>
  /** Fills on this thread, at once. */
  fill(stretch: Stretch): void
  /**
   * Sets other threads to a stretch; the caller claims pieces beside them until none is left, and fills those.
   * Undefined where there are no other threads, they cannot write to the target, or it is not worth it.
   */
  share?(stretch: Stretch): Shared | undefined
  /** An orthogonal matrix from the normals of a key. */
  orthogonal(key: Uint32Array, form: OrthogonalForm): Making
  /** A B, in f32. */
  product(a: Float32Array, b: Float32Array, size: ProductSize): Float32Array
  /** The memory that regions are lent from, and the bytes of it that are free for that. */
  heap(): { readonly buffer: ArrayBufferLike; readonly start: number; readonly end: number }
  /** Ends what runs beside this thread. */
  close(): Promise<void>
}
