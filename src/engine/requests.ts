/**
 * Requests: what a caller asks for, checked as a whole before a byte is written, and cut into the stretches that are to
 * be filled.
 */

import { aDtype, FORMATS, type DataOf, type Dtype, type TensorData } from '../dtypes.ts'
import { distributionOf, zerosOf } from '../distribution.ts'
import { anInteger, aShape, oneOf, wrongKind, wrongValue } from '../errors.ts'
import { LAYOUTS, type Layout } from '../fans.ts'
import { mapOf, type ElementMap } from '../maps.ts'
import type { Strategy } from '../strategies.ts'
import { aName, keyOf, seedText, type Seed } from '../stream.ts'
import type { AnyStretch } from './backend.ts'
import { cutAt, runsOf, sliceShape, type Run, type Slice } from './slices.ts'

/** Which tensor is meant. */
export interface TensorOptions<D extends Dtype = Dtype> {
  /** Default 0. Numbers must be safe integers; 42, 42n and '42' are one seed. */
  seed?: Seed
  /** Required: two tensors of one name and seed are equal. */
  name: string
  /** Default 'f32', where the target does not say otherwise. */
  dtype?: D
  /** Fills an unset `layout` of the strategy. */
  layout?: Layout
}

export interface FillOptions extends TensorOptions {
  /** The shape of the whole tensor: needed by strategies that read fans, and by `slice`. */
  shape?: readonly number[]
  /** The element of the tensor that goes to target[0]. Default 0. */
  offset?: number
  /** The part of the tensor to fill, one [start, end) per axis, packed. Not together with `offset`. */
  slice?: Slice
}

export interface NewTensorOptions<D extends Dtype = Dtype> extends TensorOptions<D> {
  /** Put the data in a SharedArrayBuffer. Default false. */
  shared?: boolean
  /** The part to make, one [start, end) per axis; the tensor has its shape then. */
  slice?: Slice
}

export interface Tensor<D extends Dtype = Dtype> {
  /** Float32Array for f32; bit patterns for the others, in a Uint16Array or, of f8, a Uint8Array. Its buffer is its own. */
  readonly data: DataOf<D>
  readonly shape: readonly number[]
  readonly dtype: D
  readonly name: string
}

/** One of the tensors of `Engine.tensors`. With `target`, that is filled instead of new memory. */
export interface TensorRequest extends NewTensorOptions {
  shape: readonly number[]
  strategy: Strategy
  target?: TensorData
}

const TENSOR_FIELDS = ['seed', 'name', 'dtype', 'layout']
/** The fields of FillOptions, NewTensorOptions and TensorRequest. */
export const FILL_FIELDS = [...TENSOR_FIELDS, 'shape', 'offset', 'slice']
export const NEW_FIELDS = [...TENSOR_FIELDS, 'shared', 'slice']
export const LIST_FIELDS = [...NEW_FIELDS, 'shape', 'strategy', 'target']

/** What is left to do when all has been checked. The key is made when its turn comes: lists are long, and kept. */
export interface Request {
  readonly seed: string
  readonly name: string
  readonly map: ElementMap
  readonly dtype: Dtype
  readonly target: TensorData
  /** The stretches of the tensor to fill, or the first element of the only one. */
  readonly runs: Iterable<Run> | number
  /** Those of the tensor that are 0 whatever the map. */
  readonly zeros: readonly Run[]
}

/** Allocates, or takes the target of, one tensor. */
export function newTensor(item: TensorRequest): [Tensor, Request] {
  const { shape, strategy, target, shared = false, slice, seed, name, layout } = item
  aShape('shape', shape)
  if (typeof shared !== 'boolean') wrongKind('shared', 'true or false', shared)
  const dtype =
    target === undefined
      ? aDtype('dtype', item.dtype === undefined ? 'f32' : item.dtype)
      : dtypeOf(target, item.dtype)
  const cut = slice === undefined ? shape : sliceShape(slice, shape)
  const length = aShape('shape', cut)
  if (target !== undefined && target.length !== length) {
    wrongValue('target', `${length} elements`, target.length)
  }
  const data = target === undefined ? allocate(dtype, length, shared) : target
  const request = requestOf(data, strategy, { seed, name, layout, dtype, shape, slice })
  return [{ data, shape: [...cut], dtype, name }, request]
}

/** Checks everything; writes nothing. */
export function requestOf(target: TensorData, strategy: Strategy, options: FillOptions): Request {
  const { layout, shape, offset, slice } = options
  const { seed: given = 0 } = options
  const [seed, name] = [seedText(given), aName(options.name)]
  const dtype = dtypeOf(target, options.dtype)
  if (layout !== undefined) oneOf('layout', layout, LAYOUTS)
  const size = shape === undefined ? undefined : aShape('shape', shape)
  const distribution = distributionOf(strategy, shape, layout)
  const [map, zeros] = [mapOf(distribution, dtype), zerosOf(distribution)]
  const total = target.length
  if (slice !== undefined) {
    if (!shape) wrongValue('shape', 'the shape that the slice is of', shape)
    if (offset !== undefined) wrongValue('offset', 'to be left out where there is a slice', offset)
    const expected = sliceShape(slice, shape).reduce((product, n) => product * n, 1)
    if (expected !== total) wrongValue('target', `the ${expected} elements of the slice`, target.length)
    const cut = slice.map(([start, end]) => [start, end] as const) // the caller may change his meanwhile
    return { seed, name, map, dtype, target, runs: runsOf(cut, [...shape]), zeros }
  }
  const first = anInteger('offset', offset === undefined ? 0 : offset)
  const end = size ?? Number.MAX_SAFE_INTEGER
  if (first + total > end) {
    throw new RangeError(`elements ${first} to ${first + total} are asked for, of a tensor of ${end}`)
  }
  return { seed, name, map, dtype, target, runs: first, zeros }
}

/** The stretches of a request, in the order of its target. */
export function stretches({ seed, name, map, dtype, target, runs, zeros }: Request): Iterable<AnyStretch> {
  const mask = map.kind === 'structured' && { maskKey: keyOf(seed, name, 'sparse') }
  const job = { key: keyOf(seed, name), map, dtype, ...mask } as AnyStretch['job']
  const whole = typeof runs === 'number' ? [{ first: runs, count: target.length }] : runs
  const all = along(whole, job, target)
  return zeros.length > 0 ? around(zeros, all) : all
}

function* along(runs: Iterable<Run>, job: AnyStretch['job'], target: TensorData): Generator<AnyStretch> {
  let at = 0
  for (const { first, count } of runs) {
    yield { job, target, at, first, count } as AnyStretch
    at += count
  }
}

/** Stretches with zeros where the tensor has them. */
function* around(zeros: readonly Run[], stretches: Iterable<AnyStretch>): Generator<AnyStretch> {
  for (const { job, target, at, first: start, ...rest } of stretches) {
    const zero = { key: job.key, dtype: job.dtype, map: { kind: 'constant', value: 0 } } as const
    for (const { first, count, hole } of cutAt({ first: start, ...rest }, zeros)) {
      yield { job: hole ? zero : job, target, at: at + first - start, first, count } as AnyStretch
    }
  }
}

export function allocate(dtype: Dtype, length: number, shared: boolean): TensorData {
  const { bytes, array } = FORMATS[dtype]
  try {
    const buffer = shared ? new SharedArrayBuffer(bytes * length) : new ArrayBuffer(bytes * length)
    return new array(buffer as ArrayBuffer)
  } catch (cause) {
    throw new RangeError(
      `${bytes * length} bytes for one tensor cannot be had here; fill it in pieces (offset, slice)`,
      { cause },
    )
  }
}

/** The dtype of a target: f32 goes without saying, the others do not. */
function dtypeOf(target: unknown, dtype: unknown): Dtype {
  if (!(target instanceof Float32Array || target instanceof Uint16Array || target instanceof Uint8Array)) {
    wrongKind(
      'target',
      'a Float32Array, a Uint16Array for bf16 and f16, or a Uint8Array for f8_e4m3 and f8_e5m2',
      target,
    )
  }
  if (isDetached(target))
    throw new TypeError('"target" expected an array whose buffer has not been transferred')
  if (dtype === undefined && target instanceof Float32Array) return 'f32'
  const named = aDtype('dtype', dtype)
  if (!(target instanceof FORMATS[named].array)) {
    wrongKind('target', `a ${FORMATS[named].array.name} for dtype ${named}`, target)
  }
  return named
}

/** An array on a buffer that has been transferred has length 0, and no view can be made on its buffer. */
function isDetached({ buffer, length }: TensorData): boolean {
  if (length > 0) return false
  try {
    return new Uint8Array(buffer).length < 0
  } catch {
    return true
  }
}
