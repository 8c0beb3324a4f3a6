/**
 * Worker threads, which execute steps of a batch together with the calling thread.
 *
 * Each worker has its own instance of the kernels on the one shared memory, with its own workspace. A batch consists of
 * steps: chunks of an element range, or parts of the work on a matrix. Each thread claims the next step by adding to a
 * counter in the shared memory, the calling thread too. So no step waits for a slow thread, and a late one (a worker
 * that is still starting) takes fewer.
 *
 *   start { module, memory, worker, workspace, staging, stagingBytes }   -> ready | failed { reason }
 *   fill { id, counter, ...FillBatch }                                   -> done { id, steps }
 *   orthogonal { id, counter, ...OrthogonalBatch }                       -> done { id, steps }
 *
 * Each type has the prefix `simdinit:`, which distinguishes these messages from others in a bundle. Messages are used
 * rather than Atomics.wait because the main thread of a browser may not wait, and a message costs about as much.
 *
 * Workers start with the first batch (or `warmUp`), which does not wait for them: it is done when all its steps are,
 * whichever threads did them. If a worker fails, at the start or during a batch, the pool closes for good. The calling
 * thread then executes an incomplete batch again; the bytes are the same by definition.
 */

import type { TensorData } from '../numeric/dtypes.ts'
import {
  startThread,
  type NodeWorkerLike,
  type WebWorkerLike,
  type WorkerMessage,
  type WorkerThread,
} from './platform.ts'
import { STAGING_BYTES, type KernelInstance } from './kernel-instance.ts'
import type { BatchHandle } from './types.ts'

export interface FillBatch {
  /** The words of a workspace from its beginning to the state: key, transform, dtype, parameters. */
  readonly job: Uint32Array
  /** Bytes of an element. */
  readonly elementBytes: number
  /** Where the elements go: an address in the memory, or an array on shared memory from `targetOffset` on. */
  readonly address?: number
  readonly target?: TensorData
  readonly targetOffset?: number
  readonly first: number
  readonly count: number
  readonly chunkSize: number
}

/** A phase of a matrix (assembly/orthogonal.ts), in a memory of its own that is laid out as the engine's. */
export interface OrthogonalBatch {
  readonly job: Uint32Array
  readonly memory: WebAssembly.Memory
  /** The number of threads that have scratch memory: `scratchBytes` each, one after the other from `scratch` on. */
  readonly threads: number
  readonly scratch: number
  readonly scratchBytes: number
  readonly panels: number
  readonly strips: number
  readonly phase: number
}

export interface PoolOptions {
  readonly workers: number
  readonly module: WebAssembly.Module
  readonly instance: KernelInstance
  readonly createWorker?: () => WebWorkerLike | NodeWorkerLike
}

/** Batches that can be pending at once. */
const MAX_PENDING_BATCHES = 64
/** The counters of batches lie in cache lines of their own. */
const CACHE_LINE_BYTES = 64
/** The counter of a canceled batch: more than any batch has steps, and far from the end of Int32. */
const CANCELED_INDEX = 2 ** 30

interface WorkerBatch extends BatchHandle {
  /** Resolves when every worker has answered, or some are lost. */
  waitForAnswers(): Promise<unknown>
}

/** A batch until every worker has answered and the calling thread is finished: only then its counter is free. */
interface PendingBatch {
  readonly id: number
  readonly counter: number
  /** Workers that have not answered. */
  unanswered: number
  /** Steps done by the workers that have answered. */
  completedSteps: number
  /** Steps that the workers are to do in total. Known when the calling thread is finished. */
  expectedSteps?: number
  readonly resolve: (isComplete: boolean) => void
}

export class WorkerPool {
  /** Why there are no workers any more; undefined while there are. */
  failure: string | undefined
  private readonly options: PoolOptions
  private threads: WorkerThread[] | undefined
  private readonly pending = new Map<number, PendingBatch>()
  private nextId = 0
  /** Addresses of free counters (Int32). */
  private readonly freeCounters: number[]

  constructor(options: PoolOptions) {
    this.options = options
    const { TABLE_END } = options.instance.kernelConstants
    this.freeCounters = Array.from(
      { length: MAX_PENDING_BATCHES },
      (_, i) => TABLE_END - CACHE_LINE_BYTES * (i + 1),
    )
  }

  /** Hands a batch to the workers. Returns undefined without workers, or if too many batches are pending. */
  dispatch(type: 'fill', batch: FillBatch): WorkerBatch | undefined
  dispatch(type: 'orthogonal', batch: OrthogonalBatch): WorkerBatch | undefined
  dispatch(type: string, batch: object): WorkerBatch | undefined {
    const threads = (this.threads ??= this.startThreads())
    const counter = this.failure === undefined ? this.freeCounters.pop() : undefined
    if (counter === undefined) return undefined
    const nextStep = new Int32Array(this.options.instance.memory.buffer, counter, 1)
    Atomics.store(nextStep, 0, 0)
    const { pendingBatch, settled } = this.addPending(counter, threads.length)
    try {
      for (const thread of threads) {
        thread.keepAlive(true)
        thread.post({ type: `simdinit:${type}`, id: pendingBatch.id, counter, ...batch })
      }
    } catch (error) {
      void this.close(`a worker could not be reached: ${(error as Error).message}`)
    }
    return this.createHandle(nextStep, pendingBatch, settled)
  }

  private addPending(counter: number, workers: number) {
    const id = this.nextId++
    let resolve!: (isComplete: boolean) => void
    const settled = new Promise<boolean>((settle) => (resolve = settle))
    const pendingBatch: PendingBatch = { id, counter, unanswered: workers, completedSteps: 0, resolve }
    this.pending.set(id, pendingBatch)
    return { pendingBatch, settled }
  }

  private createHandle(
    nextStep: Int32Array,
    pendingBatch: PendingBatch,
    settled: Promise<boolean>,
  ): WorkerBatch {
    const settleAfter = (expectedSteps: number) => {
      pendingBatch.expectedSteps = expectedSteps
      this.settleIfDone(pendingBatch)
      return settled
    }
    let claimed = 0
    return {
      next() {
        claimed++
        return Atomics.add(nextStep, 0, 1)
      },
      claimedCount: () => Atomics.load(nextStep, 0),
      finish: (steps, own) => settleAfter(steps - own),
      // workers that have claimed no step can do none any more, so only the steps claimed before are waited for
      cancel: (steps) =>
        settleAfter(Math.min(Atomics.exchange(nextStep, 0, CANCELED_INDEX), steps) - claimed),
      waitForAnswers: () => settleAfter(NaN), // which equals no number of steps, so that all answers are waited for
    }
  }

  /** Starts the workers. Resolves when all of them have answered an empty batch, or will not. */
  async warmUp(): Promise<void> {
    const empty = { job: new Uint32Array(0), elementBytes: 1, address: 0, first: 0, count: 0, chunkSize: 1 }
    await this.dispatch('fill', empty)?.waitForAnswers()
  }

  /** Ends the workers. Pending batches settle as incomplete once no worker can write any more. */
  async close(reason: string): Promise<void> {
    if (this.failure !== undefined) return
    this.failure = reason
    await endThreads(this.threads ?? [])
    for (const { resolve } of this.pending.values()) resolve(false)
    this.pending.clear()
  }

  private startThreads(): WorkerThread[] {
    const threads: WorkerThread[] = []
    try {
      for (let worker = 1; worker <= this.options.workers; worker++) {
        const thread = startThread(this.options.createWorker)
        threads.push(thread)
        this.connect(thread, worker)
      }
    } catch (error) {
      void endThreads(threads)
      this.failure = `a worker could not be started: ${(error as Error).message}`
      return []
    }
    return threads
  }

  private connect(thread: WorkerThread, worker: number): void {
    const { module, instance } = this.options
    thread.listen(
      (message) => this.handleMessage(message),
      (reason) => void this.close(`a worker failed: ${reason}`),
    )
    const staging = instance.workerMemoryOffset(worker)
    thread.post({
      type: 'simdinit:start',
      module,
      memory: instance.memory,
      worker,
      workspace: staging + STAGING_BYTES,
      staging,
      stagingBytes: STAGING_BYTES,
    })
  }

  private handleMessage({ type, id, steps, reason }: WorkerMessage): void {
    if (this.failure !== undefined) return // the process is to stay alive until the threads have ended
    if (type === 'simdinit:failed') void this.close(`a worker failed: ${reason}`)
    const batch = type === 'simdinit:done' ? this.pending.get(id!) : undefined
    if (!batch) return
    batch.completedSteps += steps!
    batch.unanswered--
    this.settleIfDone(batch)
  }

  /** Resolves a batch that is complete, or cannot become so; frees its counter when all workers have answered. */
  private settleIfDone(batch: PendingBatch): void {
    if (batch.expectedSteps === undefined) return
    if (batch.completedSteps === batch.expectedSteps) batch.resolve(true)
    if (batch.unanswered > 0) return
    batch.resolve(false) // has no effect if it was complete
    if (!this.pending.delete(batch.id)) return
    this.freeCounters.push(batch.counter)
    if (this.pending.size === 0) for (const thread of this.threads ?? []) thread.keepAlive(false)
  }
}

/** Resolves when the threads have ended, or cannot. */
function endThreads(threads: readonly WorkerThread[]): Promise<unknown> {
  return Promise.allSettled(threads.map((thread) => thread.terminate()))
}
