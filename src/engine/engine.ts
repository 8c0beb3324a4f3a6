/**
 * The engine: checks a request as a whole, divides it into element ranges, and has its backend fill them. The bytes are
 * the same from every engine.
 */

/// <reference lib="esnext.disposable" preserve="true" />

import { SimdinitError } from '../errors/simdinit-error.ts'
import {
  parseDtype,
  type CanonicalDtype,
  type Dtype,
  type DtypeName,
  type TensorData,
  type TypedArrayFor,
} from '../numeric/dtypes.ts'
import { isArrayOf } from '../numeric/is-array-of.ts'
import { checkInteger, checkObject, throwTypeError, throwRangeError } from '../errors/validate.ts'
import type { StrategyInput } from '../strategies/strategy.ts'
import { STREAM_VERSION } from '../rng/stream.ts'
import type { Backend, MatmulSize } from './types.ts'
import { Scheduler } from './scheduler.ts'
import { WorkTracker } from './work-tracker.ts'
import { EngineMemory } from './engine-memory.ts'
import type {
  AsyncOptions,
  FillOptions,
  NewTensorOptions,
  Tensor,
  TensorFor,
  TensorRequest,
  TensorsOptions,
} from './tensor.ts'
import { generateRanges } from './request-ranges.ts'
import {
  FILL_FIELDS,
  TENSOR_REQUEST_FIELDS,
  NEW_TENSOR_FIELDS,
  prepareTensor,
  createRequest,
  type FillRequest,
} from './validate-request.ts'

/** What executes the fills of an engine. */
export interface EngineInfo {
  /** 'wasm' for the SIMD kernels, 'js' for plain JavaScript. The bytes are the same. */
  readonly backend: 'wasm' | 'js'
  /** Whether SIMD instructions are used. */
  readonly simd: boolean
  /** The number of threads that fill at once, the calling one included. */
  readonly threads: number
  /** Why it is this backend and this number of threads. */
  readonly reason: string
  /** The version of the stream of values, which only a new major version of the package changes. */
  readonly streamVersion: number
}

/** A region of an engine's own memory, which is filled without a copy. */
export interface Lent<D extends Dtype = Dtype> {
  /**
   * The region. Throws after `release()`. A view saved elsewhere then reads NaN, and later whatever is lent there
   * next, at the caller's risk.
   */
  readonly data: TypedArrayFor<D>
  /** Overwrites the region with NaN and gives it back. A second call does nothing. Throws during a fill of it. */
  release(): void
}

const ASYNC_FIELDS = ['signal', 'onProgress']

/** What `console.log` calls in Node, Deno and Bun. */
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/**
 * Fills arrays with initial weights. Created by `createEngine`. After `close()` every call throws or is rejected with a
 * SimdinitError of code ERR_CLOSED.
 */
export class Engine {
  private readonly backend: Backend
  private readonly reason: string
  private readonly memory: EngineMemory
  private readonly scheduler: Scheduler
  private closed = false
  /** The requests of asynchronous fills that have not ended. */
  private readonly pending = new Set<readonly FillRequest[]>()

  /**
   * For `createEngine`, which is the way to create an engine.
   * @param backend What executes the fills.
   * @param reason Why it is this backend.
   */
  constructor(backend: Backend, reason: string) {
    this.backend = backend
    this.reason = reason
    this.memory = new EngineMemory(backend)
    this.scheduler = new Scheduler(backend, this.memory)
  }

  /** What executes the fills. It changes if a worker fails: one thread is left, and `reason` has the cause. */
  get info(): EngineInfo {
    const { name: backend, simd, threads } = this.backend
    const reason = `${this.reason}; ${threads.reason}`
    return { backend, simd, threads: threads.count, reason, streamVersion: STREAM_VERSION }
  }

  /**
   * Starts the workers now. Without it they start with the first fill that is large enough to be shared.
   *
   * @returns `info`, when the workers run or have failed.
   * @throws SimdinitError (ERR_CLOSED) if the engine has been closed.
   * @example
   * import { createEngine } from 'simdinit'
   * const engine = await createEngine({ threads: 2 })
   * const { threads } = await engine.warmUp()
   * console.log(threads) // 2
   * await engine.close()
   */
  async warmUp(): Promise<EngineInfo> {
    this.checkOpen()
    await this.backend.warmUp?.()
    this.checkOpen()
    return this.info
  }

  /**
   * Creates a tensor.
   *
   * @param shape The dimensions, outermost first.
   * @param strategy How the values are chosen.
   * @param options The name, and optionally seed, dtype, layout, slice, shared, signal and onProgress.
   * @returns The tensor. Its data are row-major.
   * @throws TypeError or RangeError, before anything is allocated or filled, for an argument that cannot be used.
   * @throws The reason of `signal`, if it aborts.
   * @example
   * import { createEngine, heNormal } from 'simdinit'
   * const engine = await createEngine()
   * const { data, dtype } = await engine.tensor([784, 256], heNormal(), { name: 'fc1.weight', dtype: 'bf16' })
   * console.log(data.length, dtype) // 200704 bf16
   * await engine.close()
   */
  async tensor<N extends DtypeName = 'f32', Shared extends boolean = false>(
    shape: readonly number[],
    strategy: StrategyInput,
    options: NewTensorOptions<N, Shared> & AsyncOptions,
  ): Promise<Tensor<CanonicalDtype<N>, Shared>> {
    checkObject('options', options, [...NEW_TENSOR_FIELDS, ...ASYNC_FIELDS])
    checkAsyncOptions(options)
    this.checkOpen()
    const { signal, onProgress, ...tensorOptions } = options
    const [tensor, request] = prepareTensor({ ...tensorOptions, shape, strategy })
    await this.run([request], { signal, onProgress })
    return tensor as Tensor<CanonicalDtype<N>, Shared>
  }

  /**
   * Creates or fills many tensors in one call. All of them are checked before the first is filled.
   *
   * @param list The tensors: options as of `tensor`, with `shape`, `strategy` and optionally a `target` array.
   * @param options signal, onProgress (which counts the elements of all) and allowDuplicateNames.
   * @returns The tensors, in the order of the list.
   * @throws TypeError or RangeError, before anything is filled, for an argument that cannot be used, or for two tensors
   * of one name without `allowDuplicateNames`.
   * @example
   * import { createEngine, normal, zeros } from 'simdinit'
   * const engine = await createEngine()
   * const [weight, bias] = await engine.tensors([
   *   { name: 'fc.weight', shape: [3, 4], strategy: normal({ std: 0.02 }), dtype: 'f16' },
   *   { name: 'fc.bias', shape: [3], strategy: zeros() },
   * ])
   * console.log(weight.data.length, bias.data) // 12 Float32Array(3) [ 0, 0, 0 ]
   * await engine.close()
   */
  async tensors<const L extends readonly TensorRequest[]>(
    list: L,
    options: TensorsOptions = {},
  ): Promise<{ -readonly [I in keyof L]: TensorFor<L[I]> }> {
    checkObject('options', options, [...ASYNC_FIELDS, 'allowDuplicateNames'])
    checkAsyncOptions(options)
    const { signal, onProgress, allowDuplicateNames = false } = options
    if (typeof allowDuplicateNames !== 'boolean')
      throwTypeError('allowDuplicateNames', 'true or false', allowDuplicateNames)
    if (!Array.isArray(list)) throwTypeError('list', 'an array of tensors', list)
    this.checkOpen()
    const prepared = Array.from(list, (request: TensorRequest, index) => {
      checkObject(`list[${index}]`, request, TENSOR_REQUEST_FIELDS)
      return prepareTensor(request)
    })
    const requests = prepared.map(([, request]) => request)
    if (!allowDuplicateNames) checkDistinctNames(requests)
    await this.run(requests, { signal, onProgress })
    return prepared.map(([tensor]) => tensor) as { -readonly [I in keyof L]: TensorFor<L[I]> }
  }

  /**
   * Fills an array with elements [offset, offset + target.length) of a tensor, or with a slice of it.
   *
   * @param target A Float32Array; or with `dtype`, a Uint16Array for bf16 and f16, or a Uint8Array for f8.
   * @param strategy How the values are chosen.
   * @param options The name, and optionally seed, dtype, layout, shape, offset, slice, signal and onProgress.
   * @throws TypeError or RangeError, before a byte is written, for an argument that cannot be used.
   * @throws The reason of `signal`, if it aborts; the content of the target is then undefined.
   * @example
   * import { createEngine, normal } from 'simdinit'
   * const engine = await createEngine()
   * const target = new Uint16Array(1000)
   * await engine.fill(target, normal({ std: 0.02 }), { name: 'wte.weight', dtype: 'bf16' })
   * console.log(target.some((bits) => bits !== 0)) // true
   * await engine.close()
   */
  async fill(
    target: Float32Array,
    strategy: StrategyInput,
    options: FillOptions<'f32' | 'float32'> & AsyncOptions,
  ): Promise<void>
  async fill<N extends DtypeName>(
    target: TypedArrayFor<N>,
    strategy: StrategyInput,
    options: FillOptions<N> & AsyncOptions & { dtype: N },
  ): Promise<void>
  async fill(
    target: TensorData,
    strategy: StrategyInput,
    options: FillOptions & AsyncOptions,
  ): Promise<void> {
    checkObject('options', options, [...FILL_FIELDS, ...ASYNC_FIELDS])
    checkAsyncOptions(options)
    this.checkOpen()
    const { signal, onProgress, ...fillOptions } = options
    const request = createRequest(target, strategy, fillOptions)
    await this.run([request], { signal, onProgress })
  }

  /**
   * As `fill`, with the same bytes, but synchronously and on this thread alone.
   *
   * @param target A Float32Array; or with `dtype`, a Uint16Array for bf16 and f16, or a Uint8Array for f8.
   * @param strategy How the values are chosen.
   * @param options The name, and optionally seed, dtype, layout, shape, offset and slice.
   * @throws TypeError or RangeError, before a byte is written, for an argument that cannot be used.
   * @example
   * import { createEngine, zeros } from 'simdinit'
   * const engine = await createEngine()
   * const target = new Float32Array(2).fill(1)
   * engine.fillSync(target, zeros(), { name: 'fc1.bias' })
   * console.log(target) // Float32Array(2) [ 0, 0 ]
   * await engine.close()
   */
  fillSync(target: Float32Array, strategy: StrategyInput, options: FillOptions<'f32' | 'float32'>): void
  fillSync<N extends DtypeName>(
    target: TypedArrayFor<N>,
    strategy: StrategyInput,
    options: FillOptions<N> & { dtype: N },
  ): void
  fillSync(target: TensorData, strategy: StrategyInput, options: FillOptions): void {
    checkObject('options', options, FILL_FIELDS)
    this.checkOpen()
    for (const range of generateRanges(createRequest(target, strategy, options))) this.scheduler.fill(range)
  }

  /**
   * The product A B of two row-major matrices of f32. Each sum runs in the order of the inner index and is rounded at
   * every step, so the bits are the same from every engine.
   *
   * @param a A: `rows` x `inner`, or `inner` x `rows` if `transposed`.
   * @param b B: `inner` x `columns`.
   * @param size The sizes.
   * @returns The product, `rows` x `columns`.
   * @throws TypeError or RangeError if a matrix is not a Float32Array of its size.
   * @example
   * import { createEngine } from 'simdinit'
   * const engine = await createEngine()
   * const [a, b] = [new Float32Array([1, 2]), new Float32Array([3, 4])]
   * console.log(engine.matmul(a, b, { rows: 1, inner: 2, columns: 1 })) // Float32Array(1) [ 11 ]
   * await engine.close()
   */
  matmul(a: Float32Array, b: Float32Array, size: MatmulSize): Float32Array<ArrayBuffer> {
    this.checkOpen()
    const { rows, inner, columns, transposed = false } = size
    for (const [title, dimension] of Object.entries({ rows, inner, columns })) checkInteger(title, dimension)
    if (typeof transposed !== 'boolean') throwTypeError('transposed', 'true or false', transposed)
    checkMatrix('a', a, rows * inner)
    checkMatrix('b', b, inner * columns)
    return this.backend.matmul(a, b, { rows, inner, columns, transposed })
  }

  /**
   * Lends a region of the engine's own memory, which fills reach without a copy and with all threads.
   *
   * @param length The number of elements.
   * @param dtype Their dtype. Default 'f32'.
   * @returns The region, of any content, until its `release()`.
   * @throws RangeError if no free region is as large; `createEngine({ memory })` sets the total.
   * @example
   * import { createEngine, ones } from 'simdinit'
   * const engine = await createEngine()
   * const lent = engine.lend(2)
   * await engine.fill(lent.data, ones(), { name: 'norm.weight' })
   * console.log([...lent.data]) // [ 1, 1 ]
   * lent.release()
   * await engine.close()
   */
  lend<N extends DtypeName = 'f32'>(length: number, dtype?: N): Lent<CanonicalDtype<N>>
  lend(length: number, dtypeName: DtypeName = 'f32'): Lent {
    this.checkOpen()
    const dtype = parseDtype('dtype', dtypeName)
    const allocation = this.memory.allocate(checkInteger('length', length), dtype)
    if (!allocation) {
      const free = this.memory.largestFreeLength(dtype)
      throwRangeError(
        'length',
        `at most the ${free} elements that are free (see createEngine's memory)`,
        length,
      )
    }
    let data: TensorData | undefined = allocation.data
    return {
      get data() {
        if (!data) throw new SimdinitError('ERR_RELEASED', 'this memory has been released')
        return data
      },
      release: () => {
        if (!data) return
        if (this.isFilling(data))
          throw new SimdinitError('ERR_IN_USE', 'this memory is being filled; await the fill first')
        data = undefined
        allocation.free()
      },
    }
  }

  /**
   * Ends the engine and its workers. Pending calls are rejected with ERR_CLOSED, and so are later ones.
   *
   * @example
   * import { createEngine } from 'simdinit'
   * const engine = await createEngine()
   * await engine.close()
   * console.log(engine) // Engine (closed)
   */
  async close(): Promise<void> {
    this.closed = true
    this.scheduler.close()
    await this.backend.close()
  }

  /**
   * As `close`. It is called at the end of the block of `await using engine = await createEngine()`.
   *
   * @example
   * import { createEngine } from 'simdinit'
   * const engine = await createEngine()
   * await engine[Symbol.asyncDispose]()
   * console.log(engine) // Engine (closed)
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** What `console.log(engine)` prints: one line. */
  [INSPECT](): string {
    const { backend, threads, reason } = this.info
    return this.closed ? 'Engine (closed)' : `Engine (backend ${backend}, threads ${threads}: ${reason})`
  }

  /** Whether an asynchronous fill writes to a part of this region of the engine's memory. */
  private isFilling(region: TensorData): boolean {
    return [...this.pending].flat().some(({ target }) => overlaps(target, region))
  }

  private checkOpen(): void {
    if (this.closed)
      throw new SimdinitError('ERR_CLOSED', 'this engine has been closed; create another with createEngine()')
  }

  /** Executes requests in order, and yields to the host from time to time. */
  private async run(requests: readonly FillRequest[], { signal, onProgress }: AsyncOptions): Promise<void> {
    const total = requests.reduce((sum, { target }) => sum + target.length, 0)
    const throwIfStopped = () => {
      signal?.throwIfAborted()
      this.checkOpen()
    }
    throwIfStopped()
    const work = new WorkTracker(total, throwIfStopped, onProgress)
    this.pending.add(requests)
    try {
      for (const request of requests) {
        for (const range of generateRanges(request)) {
          const promise = this.scheduler.run(range, work)
          if (promise) await promise // awaiting undefined too would slow down lists of small tensors
        }
      }
    } finally {
      this.pending.delete(requests)
    }
    onProgress?.({ done: total, total })
  }
}

function checkAsyncOptions({ signal, onProgress }: AsyncOptions): void {
  if (signal !== undefined && Object.prototype.toString.call(signal) !== '[object AbortSignal]')
    throwTypeError('signal', 'an AbortSignal', signal)
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throwTypeError('onProgress', 'a function', onProgress)
}

function checkDistinctNames(requests: readonly FillRequest[]): void {
  const indices = new Map<string, number>()
  for (const [index, { name }] of requests.entries()) {
    const other = indices.get(name)
    if (other !== undefined) {
      const expected = `another name than list[${other}].name (or set allowDuplicateNames: true)`
      throwRangeError(`list[${index}].name`, expected, name)
    }
    indices.set(name, index)
  }
}

function checkMatrix(title: string, matrix: unknown, length: number): void {
  if (!isArrayOf(Float32Array, matrix)) throwTypeError(title, 'a Float32Array', matrix)
  if (matrix.length !== length) throwRangeError(title, `a matrix of ${length} elements`, matrix.length)
}

function overlaps(a: TensorData, b: TensorData): boolean {
  const [aEnd, bEnd] = [a.byteOffset + a.byteLength, b.byteOffset + b.byteLength]
  return a.buffer === b.buffer && a.byteOffset < bEnd && b.byteOffset < aEnd
}
