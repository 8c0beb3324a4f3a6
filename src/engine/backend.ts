/** What an engine asks of the code that executes its fills; `wasm.ts` and `js.ts` are the two answers. */

import type { Dtype, TensorData } from '../dtypes.ts'
import type { ElementMap } from '../maps.ts'

/** All that fixes the bytes of a tensor. */
export interface Job {
  readonly key: Uint32Array
  readonly map: ElementMap
  readonly dtype: Dtype
}

export interface Backend {
  readonly name: 'wasm' | 'js'
  readonly simd: boolean
  /** Writes elements [first, first + count) of the job to target[at], target[at + 1], ... and nowhere else. */
  fill(job: Job, target: TensorData, at: number, first: number, count: number): void
  /** The memory that regions are lent from, made at the first call, and the bytes of it that are free for that. */
  heap(): { readonly buffer: ArrayBuffer; readonly start: number; readonly end: number }
}
