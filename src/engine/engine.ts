/**
 * The engine: checks what is asked, turns it into a job and runs, and has a backend execute them.
 * Nothing is written before all of a request has been checked. The bytes are the same from every engine.
 */

import { aDtype, FORMATS, type DataOf, type Dtype, type TensorData } from '../dtypes.ts'
import { distributionOf, zerosOf } from '../distribution.ts'
import { anInteger, anObject, aShape, oneOf, show, wrongKind, wrongValue } from '../errors.ts'
import { LAYOUTS, type Layout } from '../fans.ts'
import { mapOf, type ElementMap } from '../maps.ts'
import type { Strategy } from '../strategies.ts'
import { aName, keyOf, seedText, STREAM_VERSION, type Seed } from '../stream.ts'
import { isStructured, type AnyStretch, type Backend } from './backend.ts'
import { Executor, PIECE, Work } from './execute.ts'
import type { ProductSize } from './product.ts'
import { Regions } from './regions.ts'
import { cutAt, runsOf, sliceShape, type Run, type Slice } from './slices.ts'

export interface EngineInfo {
  readonly backend: 'wasm' | 'js'
  readonly simd: boolean
  readonly threads: number
  /** Why it is this backend and this number of threads. */
  readonly reason: string
  readonly streamVersion: number
}

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

export interface AsyncOptions {
  /** Stops the fill within one piece of work; the promise is rejected with the signal's reason. */
  signal?: AbortSignal
  /** Called now and then with elements done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
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

/** A region of the engine's memory, to be filled without a copy. */
export interface Lent<D extends Dtype = Dtype> {
  /**
   * The region. Throws after `release`; a view saved elsewhere then reads NaN and, later, somebody else's
   * values: that is the caller's risk.
   */
  readonly data: DataOf<D>
  /** Overwrites the region with NaN and gives it back. A second call does nothing. Throws during a fill of it. */
  release(): void
}

const TENSOR_FIELDS = ['seed', 'name', 'dtype', 'layout']
const ASYNC_FIELDS = ['signal', 'onProgress']
const FILL_FIELDS = [...TENSOR_FIELDS, 'shape', 'offset', 'slice']
const NEW_FIELDS = [...TENSOR_FIELDS, 'shared', 'slice']
const LIST_FIELDS = [...NEW_FIELDS, 'shape', 'strategy', 'target']

/** What is left to do when all has been checked. The key is made when its turn comes: lists are long, and kept. */
interface Request {
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

export class Engine {
  private readonly backend: Backend
  private readonly reason: string
  private readonly executor: Executor
  private regions: Regions | undefined
  private closed = false
  /** Asynchronous fills that have not ended. */
  private readonly underWay = new Set<readonly Request[]>()

  /** Use `createEngine`. */
  constructor(backend: Backend, reason: string) {
    this.backend = backend
    this.reason = reason
    this.executor = new Executor(backend, (length, dtype) => this.lend(length, dtype))
  }

  /** What executes the fills. It changes if a worker fails: then there is one thread, and the reason says why. */
  get info(): EngineInfo {
    const { name: backend, simd, threads } = this.backend
    const reason = `${this.reason}; ${threads.reason}`
    return { backend, simd, threads: threads.count, reason, streamVersion: STREAM_VERSION }
  }

  /**
   * A new tensor of `shape`, row-major. Rejected with a TypeError or RangeError for what cannot be made, before
   * anything is.
   */
  async tensor<D extends Dtype = 'f32'>(
    shape: readonly number[],
    strategy: Strategy,
    options: NewTensorOptions<D> & AsyncOptions,
  ): Promise<Tensor<D>> {
    const { signal, onProgress, ...rest } = checkAsync(
      anObject('options', options, [...NEW_FIELDS, ...ASYNC_FIELDS]),
    )
    const [tensor, request] = this.newTensor({ ...(rest as unknown as NewTensorOptions), shape, strategy })
    await this.run([request], { signal, onProgress })
    return tensor as Tensor<D>
  }

  /** Many tensors in one go. Results are in the order of the list; progress counts all elements. */
  async tensors(list: readonly TensorRequest[], options: AsyncOptions = {}): Promise<Tensor[]> {
    checkAsync(anObject('options', options, ASYNC_FIELDS))
    if (!Array.isArray(list)) wrongKind('list', 'an array of tensors', list)
    this.checkOpen()
    const made = Array.from(list, (item) => {
      anObject('tensor', item, LIST_FIELDS)
      return this.newTensor(item)
    })
    await this.run(
      made.map(([, request]) => request),
      options,
    )
    return made.map(([tensor]) => tensor)
  }

  /**
   * Fills `target` with elements [offset, offset + target.length) of a tensor, or with a slice of it, as long as
   * they lie within `shape`, if that is given. Rejected before a byte is written for what cannot be filled.
   */
  async fill(target: TensorData, strategy: Strategy, options: FillOptions & AsyncOptions): Promise<void> {
    const { signal, onProgress, ...rest } = checkAsync(
      anObject('options', options, [...FILL_FIELDS, ...ASYNC_FIELDS]),
    )
    await this.run([this.request(target, strategy, rest as unknown as FillOptions)], { signal, onProgress })
  }

  /** As `fill`, with the same bytes, on this thread and at once. */
  fillSync(target: TensorData, strategy: Strategy, options: FillOptions): void {
    anObject('options', options, FILL_FIELDS)
    for (const stretch of stretches(this.request(target, strategy, options))) this.executor.fill(stretch)
  }

  /**
   * A B in f32, row-major: A is `rows` x `inner`, or `inner` x `rows` if `transposed`, and B `inner` x `columns`. Each
   * sum runs in the order of the inner index and is rounded at every step: the same bits from every engine.
   */
  product(a: Float32Array, b: Float32Array, size: ProductSize): Float32Array {
    this.checkOpen()
    const { rows, inner, columns, transposed = false } = size
    for (const [title, dimension] of Object.entries({ rows, inner, columns })) anInteger(title, dimension)
    if (typeof transposed !== 'boolean') wrongKind('transposed', 'true or false', transposed)
    for (const [title, matrix, length] of [
      ['a', a, rows * inner],
      ['b', b, inner * columns],
    ] as const) {
      if (!(matrix instanceof Float32Array)) wrongKind(title, 'a Float32Array', matrix)
      if (matrix.length !== length) wrongValue(title, `${length} elements`, matrix.length)
    }
    return this.backend.product(a, b, { rows, inner, columns, transposed })
  }

  /**
   * Lends memory for `length` elements of `dtype`, of any content. Throws a RangeError if so much is not free:
   * `createEngine({ memory })` says how much there is.
   */
  lend<D extends Dtype = 'f32'>(length: number, dtype?: D): Lent<D>
  lend(length: number, dtype: Dtype = 'f32'): Lent {
    this.checkOpen()
    const { bytes, array } = FORMATS[aDtype('dtype', dtype)]
    const size = bytes * anInteger('length', length)
    const { buffer, start, end } = this.backend.heap()
    const regions = (this.regions ??= new Regions(start, end))
    const address = regions.take(size)
    if (address === undefined) {
      wrongValue(
        'length',
        `at most the ${Math.floor(regions.longest / bytes)} elements that are free (see createEngine's memory)`,
        length,
      )
    }
    let data: TensorData | undefined = new array(buffer as ArrayBuffer, address, length)
    return {
      get data() {
        if (!data) throw new Error('this memory has been released')
        return data
      },
      release: () => {
        if (!data) return
        if (this.isFilling(address, size)) throw new Error('this memory is being filled; await that first')
        data = undefined
        new Uint8Array(buffer, address, size).fill(0xff) // NaN in every dtype
        regions.release(address, size)
      },
    }
  }

  /** Ends the engine: what is under way is rejected, and so is every later call. */
  async close(): Promise<void> {
    this.closed = true
    this.executor.close()
    await this.backend.close()
  }

  /** Is an asynchronous fill of these bytes of the engine's memory under way? */
  private isFilling(address: number, size: number): boolean {
    const { buffer } = this.backend.heap()
    return [...this.underWay]
      .flat()
      .some(
        ({ target }) =>
          target.buffer === buffer &&
          target.byteOffset < address + size &&
          address < target.byteOffset + target.byteLength,
      )
  }

  private checkOpen(): void {
    if (this.closed) throw new Error('this engine has been closed')
  }

  /** Allocates, or takes the target of, one tensor. */
  private newTensor(item: TensorRequest): [Tensor, Request] {
    this.checkOpen()
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
    const request = this.request(data, strategy, { seed, name, layout, dtype, shape, slice })
    return [{ data, shape: [...cut], dtype, name }, request]
  }

  /** Checks everything; writes nothing. */
  private request(target: TensorData, strategy: Strategy, options: FillOptions): Request {
    this.checkOpen()
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

  /** Executes requests, with a turn for others now and then. */
  private async run(requests: readonly Request[], { signal, onProgress }: AsyncOptions): Promise<void> {
    const total = requests.reduce((sum, { target }) => sum + target.length, 0)
    const check = () => {
      signal?.throwIfAborted()
      this.checkOpen()
    }
    const work = new Work(total, check, onProgress)
    check()
    this.underWay.add(requests)
    try {
      for (const request of requests) {
        for (const stretch of stretches(request)) {
          const { count } = stretch
          if (count > PIECE || isStructured(stretch)) await this.executor.run(stretch, work)
          else {
            check() // many small tensors: no promise for each
            this.backend.fill(stretch)
            if (work.add(count)) await work.turn()
          }
        }
      }
    } finally {
      this.underWay.delete(requests)
    }
    onProgress?.({ done: total, total })
  }
}

/** The stretches of a request, in the order of its target. */
function stretches({ seed, name, map, dtype, target, runs, zeros }: Request): Iterable<AnyStretch> {
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

function allocate(dtype: Dtype, length: number, shared: boolean): TensorData {
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

function checkAsync(options: Record<string, unknown>) {
  const { signal, onProgress } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind('signal', 'an AbortSignal', signal)
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`"onProgress" expected a function, got ${show(onProgress)}`)
  }
  return options as Record<string, unknown> & AsyncOptions
}
