/**
 * The engine: takes what is asked, has it checked as a whole, and a backend execute it. The bytes are the same from
 * every engine.
 */

import { createTypeError, SimdinitError } from '../errors/simdinit-error.ts'
import { checkDtype, FORMATS, type TypedArrayFor, type Dtype, type TensorData } from '../numeric/dtypes.ts'
import {
  checkInteger,
  checkObject,
  formatValue,
  throwTypeError,
  throwRangeError,
} from '../errors/validate.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { STREAM_VERSION } from '../rng/stream.ts'
import { isMatrixRange, type Backend } from './types.ts'
import { Scheduler, CHUNK_ELEMENTS, WorkTracker } from './scheduler.ts'
import type { MatmulSize } from './matmul.ts'
import { HeapAllocator } from './heap-allocator.ts'
import {
  FILL_FIELDS,
  TENSOR_REQUEST_FIELDS,
  NEW_TENSOR_FIELDS,
  prepareTensor,
  createRequest,
  generateRanges,
  type FillOptions,
  type NewTensorOptions,
  type FillRequest,
  type Tensor,
  type TensorRequest,
} from './validate-request.ts'

export interface EngineInfo {
  readonly backend: 'wasm' | 'js'
  readonly simd: boolean
  readonly threads: number
  /** Why it is this backend and this number of threads. */
  readonly reason: string
  readonly streamVersion: number
}

export interface AsyncOptions {
  /** Stops the fill within one piece of work; the promise is rejected with the signal's reason. */
  signal?: AbortSignal
  /** Called now and then with elements done and in total. */
  onProgress?: (progress: { done: number; total: number }) => void
}

/** A region of the engine's memory, to be filled without a copy. */
export interface Lent<D extends Dtype = Dtype> {
  /**
   * The region. Throws after `release`; a view saved elsewhere then reads NaN and, later, somebody else's
   * values: that is the caller's risk.
   */
  readonly data: TypedArrayFor<D>
  /** Overwrites the region with NaN and gives it back. A second call does nothing. Throws during a fill of it. */
  release(): void
}

const ASYNC_FIELDS = ['signal', 'onProgress']

export class Engine {
  private readonly backend: Backend
  private readonly reason: string
  private readonly scheduler: Scheduler
  private allocator: HeapAllocator | undefined
  private closed = false
  /** Asynchronous fills that have not ended. */
  private readonly pending = new Set<readonly FillRequest[]>()

  /** Use `createEngine`. */
  constructor(backend: Backend, reason: string) {
    this.backend = backend
    this.reason = reason
    this.scheduler = new Scheduler(backend, (length, dtype) => this.lend(length, dtype))
  }

  /** What executes the fills. It changes if a worker fails: then there is one thread, and the reason says why. */
  get info(): EngineInfo {
    const { name: backend, simd, threads } = this.backend
    const reason = `${this.reason}; ${threads.reason}`
    return { backend, simd, threads: threads.count, reason, streamVersion: STREAM_VERSION }
  }

  /**
   * Starts the workers now, rather than with the first fill that is worth it, and returns `info` when they run or
   * it is known that they will not. No fill needs it. Rejected if the engine has been closed.
   */
  async warmUp(): Promise<EngineInfo> {
    this.checkOpen()
    await this.backend.warmUp?.()
    this.checkOpen()
    return this.info
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
    const { signal, onProgress, ...rest } = checkAsyncOptions(
      checkObject('options', options, [...NEW_TENSOR_FIELDS, ...ASYNC_FIELDS]),
    )
    this.checkOpen()
    const [tensor, request] = prepareTensor({ ...(rest as unknown as NewTensorOptions), shape, strategy })
    await this.run([request], { signal, onProgress })
    return tensor as Tensor<D>
  }

  /** Many tensors in one go. Results are in the order of the list; progress counts all elements. */
  async tensors(list: readonly TensorRequest[], options: AsyncOptions = {}): Promise<Tensor[]> {
    checkAsyncOptions(checkObject('options', options, ASYNC_FIELDS))
    if (!Array.isArray(list)) throwTypeError('list', 'an array of tensors', list)
    this.checkOpen()
    const made = Array.from(list, (item) => {
      checkObject('tensor', item, TENSOR_REQUEST_FIELDS)
      return prepareTensor(item)
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
    const { signal, onProgress, ...rest } = checkAsyncOptions(
      checkObject('options', options, [...FILL_FIELDS, ...ASYNC_FIELDS]),
    )
    this.checkOpen()
    const request = createRequest(target, strategy, rest as unknown as FillOptions)
    await this.run([request], { signal, onProgress })
  }

  /** As `fill`, with the same bytes, on this thread and at once. */
  fillSync(target: TensorData, strategy: Strategy, options: FillOptions): void {
    checkObject('options', options, FILL_FIELDS)
    this.checkOpen()
    for (const stretch of generateRanges(createRequest(target, strategy, options)))
      this.scheduler.fill(stretch)
  }

  /**
   * A B in f32, row-major: A is `rows` x `inner`, or `inner` x `rows` if `transposed`, and B `inner` x `columns`. Each
   * sum runs in the order of the inner index and is rounded at every step: the same bits from every engine.
   */
  matmul(a: Float32Array, b: Float32Array, size: MatmulSize): Float32Array {
    this.checkOpen()
    const { rows, inner, columns, transposed = false } = size
    for (const [title, dimension] of Object.entries({ rows, inner, columns })) checkInteger(title, dimension)
    if (typeof transposed !== 'boolean') throwTypeError('transposed', 'true or false', transposed)
    for (const [title, matrix, length] of [
      ['a', a, rows * inner],
      ['b', b, inner * columns],
    ] as const) {
      if (!(matrix instanceof Float32Array)) throwTypeError(title, 'a Float32Array', matrix)
      if (matrix.length !== length) throwRangeError(title, `${length} elements`, matrix.length)
    }
    return this.backend.matmul(a, b, { rows, inner, columns, transposed })
  }

  /**
   * Lends memory for `length` elements of `dtype`, of any content. Throws a RangeError if so much is not free:
   * `createEngine({ memory })` says how much there is.
   */
  lend<D extends Dtype = 'f32'>(length: number, dtype?: D): Lent<D>
  lend(length: number, dtype: Dtype = 'f32'): Lent {
    this.checkOpen()
    const { bytes, arrayType } = FORMATS[checkDtype('dtype', dtype)]
    const size = bytes * checkInteger('length', length)
    const { buffer, start, end } = this.backend.freeMemory()
    const regions = (this.allocator ??= new HeapAllocator(start, end))
    const address = regions.allocate(size)
    if (address === undefined) {
      throwRangeError(
        'length',
        `at most the ${Math.floor(regions.largestFreeBytes / bytes)} elements that are free (see createEngine's memory)`,
        length,
      )
    }
    let data: TensorData | undefined = new arrayType(buffer as ArrayBuffer, address, length)
    return {
      get data() {
        if (!data) throw new SimdinitError('ERR_RELEASED', 'this memory has been released')
        return data
      },
      release: () => {
        if (!data) return
        if (this.isFilling(address, size))
          throw new SimdinitError('ERR_IN_USE', 'this memory is being filled; await the fill first')
        data = undefined
        new Uint32Array(buffer, address, Math.ceil(size / 4)).fill(-1) // NaN in every dtype; regions begin and end at 64
        regions.release(address, size)
      },
    }
  }

  /** Ends the engine: what is under way is rejected, and so is every later call. */
  async close(): Promise<void> {
    this.closed = true
    this.scheduler.close()
    await this.backend.close()
  }

  /** Is an asynchronous fill of these bytes of the engine's memory under way? */
  private isFilling(address: number, size: number): boolean {
    const { buffer } = this.backend.freeMemory()
    return [...this.pending]
      .flat()
      .some(
        ({ target }) =>
          target.buffer === buffer &&
          target.byteOffset < address + size &&
          address < target.byteOffset + target.byteLength,
      )
  }

  private checkOpen(): void {
    if (this.closed) throw new SimdinitError('ERR_CLOSED', 'this engine has been closed')
  }

  /** Executes requests, with a turn for others now and then. */
  private async run(requests: readonly FillRequest[], { signal, onProgress }: AsyncOptions): Promise<void> {
    const total = requests.reduce((sum, { target }) => sum + target.length, 0)
    const check = () => {
      signal?.throwIfAborted()
      this.checkOpen()
    }
    const work = new WorkTracker(total, check, onProgress)
    check()
    this.pending.add(requests)
    try {
      for (const request of requests) {
        for (const stretch of generateRanges(request)) {
          const { count } = stretch
          if (count > CHUNK_ELEMENTS || isMatrixRange(stretch)) await this.scheduler.run(stretch, work)
          else {
            check() // many small tensors: no promise for each
            this.backend.fill(stretch)
            if (work.recordProgress(count)) await work.reportAndYield()
          }
        }
      }
    } finally {
      this.pending.delete(requests)
    }
    onProgress?.({ done: total, total })
  }
}

function checkAsyncOptions(options: Record<string, unknown>) {
  const { signal, onProgress } = options
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throwTypeError('signal', 'an AbortSignal', signal)
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw createTypeError(`"onProgress" must be a function; received ${formatValue(onProgress)}`)
  }
  return options as Record<string, unknown> & AsyncOptions
}
