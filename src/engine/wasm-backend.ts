/**
 * The backend on the SIMD kernels of `assembly/`. Their memory has a fixed size (kernel-instance.ts), and callers can
 * borrow what the kernels do not need. A target in this memory is filled in place, any other through a staging area.
 */

import { FORMATS, type TensorData } from '../numeric/dtypes.ts'
import type { OrthogonalSpec } from '../distributions/matrix-plan.ts'
import {
  isFormulaJob,
  type Backend,
  type MatmulSize,
  type SampledJob,
  type MatrixTask,
  type SharedTask,
  type ElementRange,
} from './types.ts'
import { fillFormula } from './formula-fill.ts'
import { createOrthogonalTask } from './js-orthogonal.ts'
import { KernelInstance, STAGING_BYTES } from './kernel-instance.ts'
import { WorkerPool } from './worker-pool.ts'
import { matmulWasm } from './matmul.ts'
import type { NodeWorkerLike, WebWorkerLike } from './platform.ts'
import { InstancePool } from './instance-pool.ts'
import { OrthogonalTaskFactory } from './wasm-orthogonal.ts'

/** Draws skipped step by step after which jump tables, which take a quarter of a millisecond to build, pay. */
const JUMP_TABLES_THRESHOLD_DRAWS = 1 << 20

/** Elements that a thread claims at a time: normals for a seventh of a millisecond. */
const CHUNK_ELEMENTS = 1 << 18

/** Elements from which on a fill is worth messages to other threads. */
const SHARING_THRESHOLD_ELEMENTS = 1 << 19

export interface WasmBackendOptions {
  /** The kernels. They must be declared for shared memory if `workers` > 0, and for unshared memory if not. */
  readonly module: WebAssembly.Module
  /** From `createMemory`. Pages that are never touched cost nothing. */
  readonly memory: WebAssembly.Memory
  readonly workers?: number
  /** Why there are not more workers. */
  readonly reason?: string
  readonly createWorker?: () => WebWorkerLike | NodeWorkerLike
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
  /** Draws skipped so far; -Infinity once there are jump tables. */
  private skippedDraws = 0
  /** The view through which the last chunk was copied. It is kept because tensors of a list tend to have few sizes. */
  private stagingView: TensorData | undefined

  /** Throws if the host forbids it. */
  constructor({ module, memory, workers = 0, reason = '', createWorker }: WasmBackendOptions) {
    this.workers = workers
    this.reason = reason
    this.instance = new KernelInstance(module, memory, workers)
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

  fill(range: ElementRange): void {
    const { job, target, targetOffset, first, count } = range
    if (isFormulaJob(job)) return fillFormula(this, range, job.transform.formula)
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
      // chunks end where blocks do, so that the next one need not skip draws
      const chunk = Math.min(count - done, STAGING_BYTES / bytes - ((first + done) % BLOCK_SIZE))
      kernel.fill(0, staging, first + done, chunk)
      if (this.stagingView?.length !== chunk || this.stagingView.constructor !== arrayType) {
        this.stagingView = new arrayType(memory.buffer as ArrayBuffer, staging, chunk)
      }
      target.set(this.stagingView, targetOffset + done)
      done += chunk
    }
  }

  dispatch({ job, target, targetOffset, first, count }: ElementRange): SharedTask | undefined {
    const { pool, instance } = this
    const { memory } = instance
    if (!pool || isFormulaJob(job) || count < SHARING_THRESHOLD_ELEMENTS || !isSharedBuffer(target.buffer))
      return undefined
    const { bytes } = FORMATS[job.dtype]
    const destination =
      target.buffer === memory.buffer
        ? { address: target.byteOffset + targetOffset * bytes }
        : { target, targetOffset }
    const words = new Uint32Array(instance.workspace.length)
    instance.writeJob(job, words)
    const batch = pool.dispatch('fill', {
      job: words,
      elementBytes: bytes,
      ...destination,
      first,
      count,
      chunkSize: CHUNK_ELEMENTS,
    })
    return batch && { batch, chunkSize: CHUNK_ELEMENTS }
  }

  /** Transforms and encodes the given draws as a job does. For tests. */
  applyTransform(job: SampledJob, draws: Int32Array, target: TensorData, offset: number): void {
    const { kernel, memory, staging } = this.instance
    const { arrayType } = FORMATS[job.dtype]
    const { CHUNK_DRAWS, DRAWS } = this.instance.kernelConstants
    this.loadJob(job)
    for (let done = 0; done < draws.length; done += CHUNK_DRAWS) {
      const chunk = draws.subarray(done, done + CHUNK_DRAWS)
      new Int32Array(memory.buffer, DRAWS, chunk.length).set(chunk)
      kernel.applyTransform(0, staging, chunk.length)
      target.set(new arrayType(memory.buffer as ArrayBuffer, staging, chunk.length), offset + done)
    }
  }

  createOrthogonalTask(key: Uint32Array, spec: OrthogonalSpec): MatrixTask {
    return this.orthogonalTasks.createTask(key, spec) ?? createOrthogonalTask(this, key, spec)
  }

  matmul(a: Float32Array, b: Float32Array, size: MatmulSize): Float32Array<ArrayBuffer> {
    return matmulWasm(this.instance, this.instancePool, a, b, size)
  }

  /** Counts the draws that are skipped within a block, which slices do for every row; builds jump tables when they pay. */
  private countSkippedDraws(first: number, count: number): void {
    const { kernel, kernelConstants, staging } = this.instance
    if (count > 0) this.skippedDraws += first % kernelConstants.BLOCK_SIZE
    if (this.skippedDraws < JUMP_TABLES_THRESHOLD_DRAWS) return
    this.skippedDraws = -Infinity
    kernel.buildJumpTables(0, staging - kernelConstants.JUMP_TABLES_BYTES)
  }

  /** Writes the job to this thread's workspace, unless it is there already. */
  private loadJob(job: SampledJob): void {
    if (this.loadedJob === job) return
    this.instance.writeJob(job, this.instance.workspace)
    this.loadedJob = job
  }
}

function isSharedBuffer(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}
