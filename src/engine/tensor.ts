/** The types of what callers ask an engine for, and of what they get. */

import type { CanonicalDtype, Dtype, DtypeName, TensorData, TypedArrayFor } from '../numeric/dtypes.ts'
import type { Layout } from '../strategies/layout.ts'
import type { StrategyInput } from '../strategies/strategy.ts'
import type { Seed } from '../rng/stream.ts'
import type { Slice } from './element-ranges.ts'

/** A tensor: a plain object that can be spread and cloned. */
export interface Tensor<D extends Dtype = Dtype, Shared extends boolean = false> {
  /**
   * The elements, row-major: a Float32Array for f32; bit patterns in a Uint16Array (bf16, f16) or a Uint8Array (f8)
   * for the others, which `toFloat32` decodes. It covers the whole of its buffer, which is a SharedArrayBuffer only if
   * `shared` was set.
   */
  readonly data: TypedArrayFor<D, Shared extends true ? SharedArrayBuffer : ArrayBuffer>
  /** The dimensions, outermost first; those of the slice if one was requested. */
  readonly shape: readonly number[]
  /** The dtype in the library's spelling, whichever was used in the request. */
  readonly dtype: D
  /** The name that was requested. */
  readonly name: string
}

/** Which tensor is meant: with the strategy and the shape, these options determine its bytes. */
export interface TensorOptions<N extends DtypeName = DtypeName> {
  /** Any string or safe integer; 42, 42n and '42' are the same seed. Default 0. */
  seed?: Seed
  /** The name of the tensor, such as 'fc1.weight'. Tensors of one name and seed have the same values. */
  name: string
  /** How elements are stored, in either spelling. Default 'f32'; required for a target that is not a Float32Array. */
  dtype?: N
  /** The layout of the tensor, unless the strategy sets one. Default 'oi', as in PyTorch. */
  layout?: Layout
}

/** The options of `Engine.fill` and `Engine.fillSync`. */
export interface FillOptions<N extends DtypeName = DtypeName> extends TensorOptions<N> {
  /** The shape of the whole tensor. Required for strategies that read fans, and with `slice`. */
  shape?: readonly number[]
  /** The index of the element that goes to target[0], in elements. Default 0. Cannot be combined with `slice`. */
  offset?: number
  /** The part of the tensor to fill the target with, packed: one [start, end) per axis. Default: no slice. */
  slice?: Slice
}

/** The options of `Engine.tensor`. */
export interface NewTensorOptions<
  N extends DtypeName = DtypeName,
  Shared extends boolean = boolean,
> extends TensorOptions<N> {
  /** Whether the data lie in a SharedArrayBuffer, which threads can fill directly. Default false. */
  shared?: Shared
  /** The part of the tensor to create: one [start, end) per axis. The result has the shape of the slice. */
  slice?: Slice
}

interface RequestedTensor {
  /** The dimensions of the whole tensor, outermost first. */
  shape: readonly number[]
  /** How the values are chosen. */
  strategy: StrategyInput
}

interface RequestedTarget<N extends DtypeName> extends RequestedTensor, TensorOptions<N> {
  /** The array to fill, instead of a new one. */
  target: TypedArrayFor<N>
  /** The part of the tensor to fill the target with: one [start, end) per axis. */
  slice?: Slice
  shared?: undefined
}

type F32Name = 'f32' | 'float32'
type NarrowName = Exclude<DtypeName, F32Name>

/** One of the tensors of `Engine.tensors`: a new one or, with `target`, an array of the caller's. */
export type TensorRequest =
  | (RequestedTensor & NewTensorOptions & { target?: undefined })
  | RequestedTarget<F32Name>
  | { [N in NarrowName]: RequestedTarget<N> & { dtype: N } }[NarrowName]

type RequestedDtype<R> = R extends { dtype: infer N extends DtypeName }
  ? CanonicalDtype<N>
  : R extends { dtype?: infer N }
    ? unknown extends N // the field is missing
      ? 'f32'
      : CanonicalDtype<Extract<N, DtypeName>> | 'f32'
    : 'f32'

type RequestedSharing<R> = R extends { target: TensorData }
  ? boolean
  : R extends { shared: infer S extends boolean }
    ? S
    : R extends { shared?: infer S }
      ? unknown extends S // the field is missing
        ? false
        : Extract<S, boolean> | false
      : false

/** The tensor that a request results in. */
export type TensorFor<R extends TensorRequest> = R extends TensorRequest
  ? Tensor<RequestedDtype<R>, RequestedSharing<R>>
  : never

/** AbortSignal, in programs that have its declaration. */
type HostAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : { readonly aborted: boolean; throwIfAborted(): void }

/** The options of calls that return a promise. */
export interface AsyncOptions {
  /** Stops the work within milliseconds; the promise is rejected with the reason of the signal. */
  signal?: HostAbortSignal
  /** Called from time to time, and at the end, with the number of elements done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** The options of `Engine.tensors`. */
export interface TensorsOptions extends AsyncOptions {
  /** Allow tensors of the same name in one list. Those of one seed and shape have the same values. Default false. */
  allowDuplicateNames?: boolean
}
