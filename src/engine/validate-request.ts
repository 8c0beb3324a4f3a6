/** Checks a caller's request completely, before a byte is written. `request-ranges.ts` then divides it into ranges. */

import { createTypeError, createRangeError } from '../errors/simdinit-error.ts'
import { parseDtype, FORMATS, type Dtype, type TensorData } from '../numeric/dtypes.ts'
import { isArrayOf } from '../numeric/is-array-of.ts'
import { product } from '../numeric/shape.ts'
import { resolveDistribution } from '../distributions/resolve-distribution.ts'
import { listZeroRanges } from '../distributions/distribution.ts'
import { checkInteger, checkShape, checkOneOf, throwTypeError, throwRangeError } from '../errors/validate.ts'
import { LAYOUTS } from '../strategies/layout.ts'
import { compileTransform, type Transform } from '../distributions/transform.ts'
import { parseStrategy, type StrategyInput } from '../strategies/strategy.ts'
import { checkName, normalizeSeed } from '../rng/stream.ts'
import { generateRuns, resolveSliceShape, type Run } from './element-ranges.ts'
import type { FillOptions, Tensor, TensorRequest } from './tensor.ts'

const TENSOR_FIELDS = ['seed', 'name', 'dtype', 'layout']
/** The fields of FillOptions, NewTensorOptions and TensorRequest. */
export const FILL_FIELDS = [...TENSOR_FIELDS, 'shape', 'offset', 'slice']
export const NEW_TENSOR_FIELDS = [...TENSOR_FIELDS, 'shared', 'slice']
export const TENSOR_REQUEST_FIELDS = [...NEW_TENSOR_FIELDS, 'shape', 'strategy', 'target']

/** A checked request. The key is derived when its turn comes, since lists of requests can be long. */
export interface FillRequest {
  readonly seed: string
  readonly name: string
  readonly transform: Transform
  readonly dtype: Dtype
  readonly target: TensorData
  /** The runs of the tensor to fill, or the first element of the only one. */
  readonly runs: Iterable<Run> | number
  /** The runs of the tensor that are 0 whatever the transform. */
  readonly zeroRuns: readonly Run[]
}

/** Checks a request for a tensor, and allocates its data unless it has a target. */
export function prepareTensor(request: TensorRequest): [Tensor<Dtype, boolean>, FillRequest] {
  const { shape, strategy, target, shared = false, slice, seed, name, layout } = request
  checkShape('shape', shape)
  if (typeof shared !== 'boolean') throwTypeError('shared', 'true or false', shared)
  const dtype =
    target === undefined
      ? parseDtype('dtype', request.dtype === undefined ? 'f32' : request.dtype)
      : resolveTargetDtype(target, request.dtype)
  const resultShape = slice === undefined ? [...shape] : resolveSliceShape(slice, shape)
  const length = checkShape('shape', resultShape)
  if (target !== undefined && target.length !== length)
    throwRangeError('target', `an array of ${length} elements`, target.length)
  const data = target ?? allocateData(dtype, length, shared)
  const fill = createRequest(data, strategy, { seed, name, layout, dtype, shape, slice })
  return [{ data: data as Tensor['data'], shape: resultShape, dtype, name }, fill]
}

/** Checks a request for a fill. Writes nothing. */
export function createRequest(
  target: TensorData,
  strategy: StrategyInput,
  options: FillOptions,
): FillRequest {
  const { seed: givenSeed = 0, layout, shape, slice, offset } = options
  const seed = normalizeSeed(givenSeed)
  const name = checkName(options.name)
  const dtype = resolveTargetDtype(target, options.dtype)
  if (layout !== undefined) checkOneOf('layout', layout, LAYOUTS)
  const size = shape === undefined ? Number.MAX_SAFE_INTEGER : checkShape('shape', shape)
  if (size === 0) checkFansAreNotEmpty(strategy, shape!)
  const distribution = resolveDistribution(strategy, shape, layout)
  const transform = compileTransform(distribution, dtype)
  const zeroRuns = listZeroRanges(distribution)
  const runs =
    slice === undefined ? checkOffset(offset, target.length, size) : resolveSliceRuns(target.length, options)
  return { seed, name, transform, dtype, target, runs, zeroRuns }
}

/** Refuses a dimension of 0 where fans are computed from it; other strategies fill an empty tensor with nothing. */
function checkFansAreNotEmpty(input: StrategyInput, shape: readonly number[]): void {
  const strategy = parseStrategy(input)
  if (strategy.type !== 'varianceScaling') return
  if (strategy.fanIn !== undefined && strategy.fanOut !== undefined) return
  throwRangeError(`shape[${shape.indexOf(0)}]`, 'at least 1 for a strategy that is scaled by fans', 0)
}

function checkOffset(offset: unknown, length: number, size: number): number {
  const first = checkInteger('offset', offset === undefined ? 0 : offset)
  if (first + length > size) {
    throw createRangeError(
      `"target" must end within the ${size} elements of the tensor; received elements ${first} to ${first + length}`,
    )
  }
  return first
}

function resolveSliceRuns(length: number, { slice, shape, offset }: FillOptions): Iterable<Run> {
  if (!shape) throwTypeError('shape', 'the shape of the whole tensor, which "slice" requires', shape)
  if (offset !== undefined) throw createRangeError('"slice" cannot be combined with "offset"')
  const sliceLength = product(resolveSliceShape(slice, shape))
  if (sliceLength !== length)
    throwRangeError('target', `an array of ${sliceLength} elements, those of the slice`, length)
  const ownSlice = slice!.map(([start, end]) => [start, end] as const) // the caller may change theirs
  return generateRuns(ownSlice, [...shape])
}

export function allocateData(dtype: Dtype, length: number, shared: boolean): TensorData {
  const { bytes, arrayType } = FORMATS[dtype]
  try {
    const buffer = shared ? new SharedArrayBuffer(bytes * length) : new ArrayBuffer(bytes * length)
    return new arrayType(buffer as ArrayBuffer)
  } catch (cause) {
    throw createRangeError(
      `cannot allocate ${bytes * length} bytes for one tensor; fill it in parts ("offset" or "slice")`,
      { cause },
    )
  }
}

/** The dtype of a target: f32 is implied by a Float32Array, the others must be given. */
function resolveTargetDtype(target: unknown, dtype: unknown): Dtype {
  const isFloat32 = isArrayOf(Float32Array, target)
  if (!(isFloat32 || isArrayOf(Uint16Array, target) || isArrayOf(Uint8Array, target))) {
    throwTypeError(
      'target',
      'a Float32Array, a Uint16Array for bf16 and f16, or a Uint8Array for f8_e4m3 and f8_e5m2',
      target,
    )
  }
  if (isDetached(target))
    throw createTypeError('"target" must be an array whose buffer has not been transferred')
  if (dtype === undefined && isFloat32) return 'f32'
  if (dtype === undefined) {
    const names = isArrayOf(Uint16Array, target) ? "'bf16' or 'f16'" : "'f8_e4m3' or 'f8_e5m2'"
    throwTypeError('dtype', `${names} for a ${target.constructor.name}`, dtype)
  }
  const parsed = parseDtype('dtype', dtype)
  const { arrayType } = FORMATS[parsed]
  if (!isArrayOf(arrayType, target))
    throwTypeError('target', `a ${arrayType.name} for dtype ${parsed}`, target)
  return parsed
}

/** An array whose buffer has been transferred has length 0, and no view of the buffer can be created. */
function isDetached({ buffer, length }: TensorData): boolean {
  if (length > 0) return false
  try {
    return new Uint8Array(buffer).length < 0
  } catch {
    return true
  }
}
