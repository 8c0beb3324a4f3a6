/**
 * The fast engine: the SIMD kernels of `assembly/` on a memory of fixed size (kernel-instance.ts), whose rest is lent to
 * callers. A target inside this memory is filled where it lies; any other by way of a staging area.
 */

import { FORMATS, type TensorData } from '../numeric/dtypes.ts'
import type { OrthogonalSpec } from '../distributions/matrix-plan.ts'
import {
  isFormulaJob,
  type Backend,
  type SampledJob,
  type MatrixTask,
  type SharedTask,
  type ElementRange,
} from './types.ts'
import { fillFormula } from './formula-fill.ts'
import { KernelInstance, STAGING_BYTES } from './kernel-instance.ts'
import { WorkerPool } from './worker-pool.ts'
import { matmulWasm, type MatmulSize } from './matmul.ts'
import { InstancePool } from './instance-pool.ts'
import { OrthogonalTaskFactory } from './wasm-orthogonal.ts'

/** Draws passed over, step by step, that are worth the quarter of a millisecond in which the jumps are made. */
const JUMP_TABLES_THRESHOLD_DRAWS = 1 << 20

/** Elements that a thread claims at a time: a seventh of a millisecond of normals. */
const CHUNK_ELEMENTS = 1 << 18

/** Elements below which a fill is not worth a message to another thread. */
const SHARING_THRESHOLD_ELEMENTS = 1 << 19

export interface WasmBackendOptions {
  /** The kernels. They must be declared for shared memory if `workers` > 0, and for unshared memory if not. */
  readonly module: WebAssembly.Module
  /** Of memory. Pages never touched cost nothing. */
  readonly memoryBytes: number
  readonly workers?: number
  /** Why there are no more workers. */
  readonly reason?: string
  readonly createWorker?: () => object
}

export class WasmBackend implements Backend {
  readonly name = 'wasm'
  readonly simd = true

  private readonly instance: KernelInstance
  private readonly pool: WorkerPool | undefined
  private readonly instancePool: InstancePool
  private readonly orthogonalTasks: OrthogonalTaskFactory
  private readonly workers: number
  private readonly reason: string
  private loadedJob: SampledJob | undefined
  /** Draws passed over so far. */
  private skippedDraws = 0
  /** The view through which the last piece was copied: lists of tensors tend to be of a few sizes. */
  private stagingView: TensorData | undefined

  /** Throws if the host forbids it, or the memory is too small for so many workers. */
  constructor({ module, memoryBytes, workers = 0, reason = '', createWorker }: WasmBackendOptions) {
    this.workers = workers
    this.reason = reason
    this.instance = new KernelInstance(module, memoryBytes, workers)
    if (workers > 0) this.pool = new WorkerPool({ workers, module, instance: this.instance, createWorker })
    this.instancePool = new InstancePool(module, workers)
    this.orthogonalTasks = new OrthogonalTaskFactory(this.instancePool, this.instance, workers, this.pool)
  }

  get threads() {
    const failure = this.pool?.failure
    return failure === undefined
      ? { count: this.workers + 1, reason: this.reason }
      : { count: 1, reason: `one thread, because ${failure}` }
  }

  async warmUp() {
    await this.pool?.warmUp()
  }

  async close() {
    await this.pool?.close('the engine has been closed')
  }

  freeMemory() {
    const { memory, heapStart } = this.instance
    return { buffer: memory.buffer, start: heapStart, end: memory.buffer.byteLength }
  }

  fill(stretch: ElementRange): void {
    const { job, target, targetOffset, first, count } = stretch
    if (isFormulaJob(job)) return fillFormula(this, stretch, job.transform.formula)
    const { kernel, memory, staging } = this.instance
    const { bytes, arrayType } = FORMATS[job.dtype]
    if (target.buffer === memory.buffer) {
      this.countSkippedDraws(first, count)
      this.loadJob(job)
      kernel.fill(0, target.byteOffset + targetOffset * bytes, first, count)
      return
    }
    if (job.transform.kind === 'constant') {
      target.fill(job.transform.value, targetOffset, targetOffset + count)
      return
    }
    this.countSkippedDraws(first, count)
    this.loadJob(job)
    const { BLOCK_SIZE } = this.instance.kernelConstants
    for (let done = 0; done < count;) {
      // up to the end of a block, so that the next piece need not find its way into one
      const piece = Math.min(count - done, STAGING_BYTES / bytes - ((first + done) % BLOCK_SIZE))
      kernel.fill(0, staging, first + done, piece)
      if (this.stagingView?.length !== piece || this.stagingView.constructor !== arrayType) {
        this.stagingView = new arrayType(memory.buffer as ArrayBuffer, staging, piece)
      }
      target.set(this.stagingView, targetOffset + done)
      done += piece
    }
  }

  dispatch({ job, target, targetOffset, first, count }: ElementRange): SharedTask | undefined {
    const { pool, instance } = this
    const { memory } = instance
    if (!pool || isFormulaJob(job) || count < SHARING_THRESHOLD_ELEMENTS || !isSharedBuffer(target.buffer))
      return undefined
    const { bytes } = FORMATS[job.dtype]
    const place =
      target.buffer === memory.buffer
        ? { address: target.byteOffset + targetOffset * bytes }
        : { target, targetOffset }
    const words = new Uint32Array(instance.workspace.length)
    instance.writeJob(job, words)
    const running = pool.dispatch('fill', {
      job: words,
      elementBytes: bytes,
      ...place,
      first,
      count,
      chunkSize: CHUNK_ELEMENTS,
    })
    return running && { batch: running, chunkSize: CHUNK_ELEMENTS }
  }

  /** The map and cast of a job on draws that the caller supplies, as in `JsBackend.mapDraws`. */
  applyTransform(job: SampledJob, draws: Int32Array, target: TensorData, at: number): void {
    const { kernel, memory, staging } = this.instance
    const { arrayType } = FORMATS[job.dtype]
    const { CHUNK_DRAWS: piece, DRAWS: from } = this.instance.kernelConstants
    this.loadJob(job)
    for (let done = 0; done < draws.length; done += piece) {
      const some = draws.subarray(done, done + piece)
      new Int32Array(memory.buffer, from, some.length).set(some)
      kernel.applyTransform(0, staging, some.length)
      target.set(new arrayType(memory.buffer as ArrayBuffer, staging, some.length), at + done)
    }
  }

  createOrthogonalTask(key: Uint32Array, form: OrthogonalSpec): MatrixTask {
    return this.orthogonalTasks.createTask(key, form)
  }

  matmul(a: Float32Array, b: Float32Array, size: MatmulSize): Float32Array {
    return matmulWasm(this.instance, this.instancePool, a, b, size)
  }

  /** Notes how many draws will be passed over within a block, which slices do row after row. */
  private countSkippedDraws(first: number, count: number): void {
    const { kernel, kernelConstants, staging } = this.instance
    if (count > 0) this.skippedDraws += first % kernelConstants.BLOCK_SIZE
    if (this.skippedDraws < JUMP_TABLES_THRESHOLD_DRAWS) return
    this.skippedDraws = -Infinity
    kernel.buildJumpTables(0, staging - kernelConstants.JUMP_TABLES_BYTES)
  }

  /** Writes the job into this thread's workspace, unless it is there already. */
  private loadJob(job: SampledJob): void {
    if (this.loadedJob === job) return
    this.instance.writeJob(job, this.instance.workspace)
    this.loadedJob = job
  }
}

function isSharedBuffer(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}
