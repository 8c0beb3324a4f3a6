/**
 * Requests: what a caller asks for, checked as a whole before a byte is written, and cut into the stretches that are to
 * be filled.
 */

import { createTypeError, createRangeError } from '../errors/simdinit-error.ts'
import { checkDtype, FORMATS, type TypedArrayFor, type Dtype, type TensorData } from '../numeric/dtypes.ts'
import { resolveDistribution, listZeroRanges } from '../distributions/distribution.ts'
import { checkInteger, checkShape, checkOneOf, throwTypeError, throwRangeError } from '../errors/validate.ts'
import { LAYOUTS, type Layout } from '../strategies/layout.ts'
import { compileTransform, type Transform } from '../distributions/transform.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { checkName, deriveKey, normalizeSeed, type Seed } from '../rng/stream.ts'
import type { AnyElementRange } from './types.ts'
import { splitRun, generateRuns, resolveSliceShape, type Run, type Slice } from './element-ranges.ts'

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
  readonly data: TypedArrayFor<D>
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
export const NEW_TENSOR_FIELDS = [...TENSOR_FIELDS, 'shared', 'slice']
export const TENSOR_REQUEST_FIELDS = [...NEW_TENSOR_FIELDS, 'shape', 'strategy', 'target']

/** What is left to do when all has been checked. The key is made when its turn comes: lists are long, and kept. */
export interface FillRequest {
  readonly seed: string
  readonly name: string
  readonly transform: Transform
  readonly dtype: Dtype
  readonly target: TensorData
  /** The stretches of the tensor to fill, or the first element of the only one. */
  readonly runs: Iterable<Run> | number
  /** Those of the tensor that are 0 whatever the map. */
  readonly zeroRuns: readonly Run[]
}

/** Allocates, or takes the target of, one tensor. */
export function prepareTensor(item: TensorRequest): [Tensor, FillRequest] {
  const { shape, strategy, target, shared = false, slice, seed, name, layout } = item
  checkShape('shape', shape)
  if (typeof shared !== 'boolean') throwTypeError('shared', 'true or false', shared)
  const dtype =
    target === undefined
      ? checkDtype('dtype', item.dtype === undefined ? 'f32' : item.dtype)
      : resolveDtype(target, item.dtype)
  const cut = slice === undefined ? shape : resolveSliceShape(slice, shape)
  const length = checkShape('shape', cut)
  if (target !== undefined && target.length !== length) {
    throwRangeError('target', `${length} elements`, target.length)
  }
  const data = target === undefined ? allocateData(dtype, length, shared) : target
  const request = createRequest(data, strategy, { seed, name, layout, dtype, shape, slice })
  return [{ data, shape: [...cut], dtype, name }, request]
}

/** Checks everything; writes nothing. */
export function createRequest(target: TensorData, strategy: Strategy, options: FillOptions): FillRequest {
  const { layout, shape, offset, slice } = options
  const { seed: given = 0 } = options
  const [seed, name] = [normalizeSeed(given), checkName(options.name)]
  const dtype = resolveDtype(target, options.dtype)
  if (layout !== undefined) checkOneOf('layout', layout, LAYOUTS)
  const size = shape === undefined ? undefined : checkShape('shape', shape)
  const distribution = resolveDistribution(strategy, shape, layout)
  const [map, zeros] = [compileTransform(distribution, dtype), listZeroRanges(distribution)]
  const total = target.length
  if (slice !== undefined) {
    if (!shape) throwRangeError('shape', 'the shape that the slice is of', shape)
    if (offset !== undefined) throwRangeError('offset', 'to be left out where there is a slice', offset)
    const expected = resolveSliceShape(slice, shape).reduce((product, n) => product * n, 1)
    if (expected !== total) throwRangeError('target', `the ${expected} elements of the slice`, target.length)
    const cut = slice.map(([start, end]) => [start, end] as const) // the caller may change his meanwhile
    return { seed, name, transform: map, dtype, target, runs: generateRuns(cut, [...shape]), zeroRuns: zeros }
  }
  const first = checkInteger('offset', offset === undefined ? 0 : offset)
  const end = size ?? Number.MAX_SAFE_INTEGER
  if (first + total > end) {
    throw createRangeError(`elements ${first} to ${first + total} are asked for, of a tensor of ${end}`)
  }
  return { seed, name, transform: map, dtype, target, runs: first, zeroRuns: zeros }
}

/** The stretches of a request, in the order of its target. */
export function generateRanges({
  seed,
  name,
  transform,
  dtype,
  target,
  runs,
  zeroRuns,
}: FillRequest): Iterable<AnyElementRange> {
  const mask = transform.kind === 'matrix' && { maskKey: deriveKey(seed, name, 'sparse') }
  const job = { key: deriveKey(seed, name), transform, dtype, ...mask } as AnyElementRange['job']
  const whole = typeof runs === 'number' ? [{ first: runs, count: target.length }] : runs
  const all = generateRunRanges(whole, job, target)
  return zeroRuns.length > 0 ? splitAroundZeros(zeroRuns, all) : all
}

function* generateRunRanges(
  runs: Iterable<Run>,
  job: AnyElementRange['job'],
  target: TensorData,
): Generator<AnyElementRange> {
  let at = 0
  for (const { first, count } of runs) {
    yield { job, target, targetOffset: at, first, count } as AnyElementRange
    at += count
  }
}

/** Stretches with zeros where the tensor has them. */
function* splitAroundZeros(
  zeros: readonly Run[],
  stretches: Iterable<AnyElementRange>,
): Generator<AnyElementRange> {
  for (const { job, target, targetOffset, first: start, ...rest } of stretches) {
    const zero = { key: job.key, dtype: job.dtype, transform: { kind: 'constant', value: 0 } } as const
    for (const { first, count, isHole } of splitRun({ first: start, ...rest }, zeros)) {
      yield {
        job: isHole ? zero : job,
        target,
        targetOffset: targetOffset + first - start,
        first,
        count,
      } as AnyElementRange
    }
  }
}

export function allocateData(dtype: Dtype, length: number, shared: boolean): TensorData {
  const { bytes, arrayType } = FORMATS[dtype]
  try {
    const buffer = shared ? new SharedArrayBuffer(bytes * length) : new ArrayBuffer(bytes * length)
    return new arrayType(buffer as ArrayBuffer)
  } catch (cause) {
    throw createRangeError(
      `${bytes * length} bytes for one tensor cannot be had here; fill it in pieces (offset, slice)`,
      { cause },
    )
  }
}

/** The dtype of a target: f32 goes without saying, the others do not. */
function resolveDtype(target: unknown, dtype: unknown): Dtype {
  if (!(target instanceof Float32Array || target instanceof Uint16Array || target instanceof Uint8Array)) {
    throwTypeError(
      'target',
      'a Float32Array, a Uint16Array for bf16 and f16, or a Uint8Array for f8_e4m3 and f8_e5m2',
      target,
    )
  }
  if (isDetached(target))
    throw createTypeError('"target" must be an array whose buffer has not been transferred')
  if (dtype === undefined && target instanceof Float32Array) return 'f32'
  const named = checkDtype('dtype', dtype)
  if (!(target instanceof FORMATS[named].arrayType)) {
    throwTypeError('target', `a ${FORMATS[named].arrayType.name} for dtype ${named}`, target)
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
