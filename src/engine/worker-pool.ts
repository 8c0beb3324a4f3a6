/**
 * The pool: workers that fill parts of a batch beside the thread that asks.
 *
 * Each worker has its own instance of the kernels on the one shared memory, and a workspace of its own in it.
 * A batch is cut into pieces, of a contiguous stretch of elements or of the work on a matrix, and whoever is free
 * claims the next one by adding to a counter in the shared memory. So no piece waits for a slow thread, and a thread that is late
 * (a worker that is still starting) takes fewer. The asking thread claims too.
 *
 *   start { module, memory, worker, workspace, staging, stagingBytes }   -> ready | failed { reason }
 *   fill { id, counter, ...FillBatch }                                    -> done { id, steps }
 *   orthogonal { id, counter, ...OrthogonalBatch }                        -> done { id, steps }
 *
 * (with `simdinit:` before each type, so that messages of others in a bundle are told apart.) Messages rather
 * than Atomics.wait, because a browser's main thread may not wait, and a message costs about as much.
 *
 * Workers start with the first batch (or `ready`), which does not wait for them: it is done when all its pieces are, whoever did
 * them. If a worker fails, at the start or in the middle of a batch, the pool ends for good, and a batch that lacks
 * pieces is filled again by the asking thread: the bytes are the same by definition.
 */

import type { TensorData } from '../numeric/dtypes.ts'
import { startThread, type WorkerMessage, type WorkerThread } from './platform.ts'
import { STAGING_BYTES, type KernelInstance } from './kernel-instance.ts'

export interface FillBatch {
  /** The words of a workspace from its beginning to the state: key, map, dtype, parameters. */
  readonly job: Uint32Array
  /** Bytes of an element. */
  readonly elementBytes: number
  /** Where the elements go: an address in the memory, or indices from `at` on of an array on shared memory. */
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
  /** Threads that have scratch memory of `scratchBytes`, one after the other from `scratch` on. */
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
  readonly createWorker?: () => object
}

/** Batches that may be under way at once. */
const MAX_PENDING_BATCHES = 64

/** A batch under way, as the asking thread sees it. */
export interface BatchHandle {
  /** The index of a piece that nobody else will fill. */
  next(): number
  /** How many pieces have been claimed, at most. */
  claimedCount(): number
  /** Resolves when all `steps` are done, of which the asking thread did `own`; false if workers were lost with some. */
  finish(steps: number, own: number): Promise<boolean>
  /** Leaves the rest of `steps` unclaimed. Resolves when no worker is at a step, and none will be. */
  cancel(steps: number): Promise<unknown>
}

interface WorkerBatch extends BatchHandle {
  /** Resolves when every worker has looked at it, or some are lost. */
  waitForAnswers(): Promise<unknown>
}

/** More than any batch has pieces, and far from the end of Int32. */
const CANCELED_INDEX = 2 ** 30

/** A batch until every worker has answered and the asking thread is through: only then nobody counts in its counter. */
interface PendingBatch {
  readonly id: number
  readonly counter: number
  /** Workers that have not answered. */
  unanswered: number
  /** Steps that those who have did, */
  completedSteps: number
  /** and how many are theirs to do: known when the asking thread is through. */
  expectedSteps?: number
  readonly resolve: (whole: boolean) => void
}

export class WorkerPool {
  /** Why there are no workers any more. */
  failure: string | undefined
  private readonly options: PoolOptions
  private threads: WorkerThread[] | undefined
  private readonly pending = new Map<number, PendingBatch>()
  private nextId = 0

  /** Addresses of Int32 that batches may count in, a cache line each. */
  private readonly counters: number[]

  constructor(options: PoolOptions) {
    this.options = options
    const { TABLE_END } = options.instance.kernelConstants
    this.counters = Array.from({ length: MAX_PENDING_BATCHES }, (_, i) => TABLE_END - 64 * (i + 1))
  }

  /** Hands a batch to the workers; undefined if there are none, or too many batches under way. */
  dispatch(type: 'fill', batch: FillBatch): WorkerBatch | undefined
  dispatch(type: 'orthogonal', batch: OrthogonalBatch): WorkerBatch | undefined
  dispatch(type: string, batch: object): WorkerBatch | undefined {
    const threads = (this.threads ??= this.start())
    const { counters } = this
    const { memory } = this.options.instance
    const counter = this.failure === undefined ? counters.pop() : undefined
    if (counter === undefined) return undefined
    const claims = new Int32Array(memory.buffer, counter, 1)
    Atomics.store(claims, 0, 0)
    const id = this.nextId++
    let resolve!: (whole: boolean) => void
    const settled = new Promise<boolean>((settle) => (resolve = settle))
    const waiting: PendingBatch = { id, counter, unanswered: threads.length, completedSteps: 0, resolve }
    this.pending.set(id, waiting)
    for (const thread of threads) {
      thread.keepAlive(true)
      thread.post({ type: `simdinit:${type}`, id, counter, ...batch })
    }
    const through = (wanted: number) => {
      waiting.expectedSteps = wanted
      this.settleIfDone(waiting)
      return settled
    }
    let taken = 0
    return {
      next() {
        taken++
        return Atomics.add(claims, 0, 1)
      },
      claimedCount: () => Atomics.load(claims, 0),
      finish: (steps, own) => through(steps - own),
      // a worker that has claimed nothing can do nothing any more, so only those who have are waited for
      cancel: (steps) => through(Math.min(Atomics.exchange(claims, 0, CANCELED_INDEX), steps) - taken),
      waitForAnswers: () => through(NaN), // which no number of steps is
    }
  }

  /** Starts the workers. Resolves when all of them have answered a batch of nothing, or none will. */
  async warmUp(): Promise<void> {
    const nothing = { job: new Uint32Array(0), elementBytes: 1, address: 0, first: 0, count: 0, chunkSize: 1 }
    await this.dispatch('fill', nothing)?.waitForAnswers()
  }

  /** Ends the workers. Batches under way settle, as not whole, when no worker can write any more. */
  async close(reason: string): Promise<void> {
    if (this.failure !== undefined) return
    this.failure = reason
    await Promise.all((this.threads ?? []).map((thread) => thread.terminate()))
    for (const { resolve } of this.pending.values()) resolve(false)
    this.pending.clear()
  }

  private start(): WorkerThread[] {
    const { workers, module, instance, createWorker } = this.options
    const { memory } = instance
    const threads: WorkerThread[] = []
    try {
      for (let worker = 1; worker <= workers; worker++) {
        const thread = startThread(createWorker)
        threads.push(thread)
        thread.listen(
          (message) => this.handleMessage(message),
          (reason) => void this.close(`a worker failed: ${reason}`),
        )
        const staging = instance.workerMemoryOffset(worker)
        const place = { workspace: staging + STAGING_BYTES, staging, stagingBytes: STAGING_BYTES }
        thread.post({ type: 'simdinit:start', module, memory, worker, ...place })
      }
    } catch (error) {
      for (const thread of threads) void thread.terminate()
      this.failure = `a worker could not be started: ${(error as Error).message}`
      return []
    }
    return threads
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

  /** Is a batch done, or can it no longer be? */
  private settleIfDone({
    id,
    counter,
    unanswered,
    completedSteps,
    expectedSteps,
    resolve,
  }: PendingBatch): void {
    if (expectedSteps === undefined) return
    if (completedSteps === expectedSteps) resolve(true)
    if (unanswered > 0) return
    resolve(false) // unless it was done
    if (!this.pending.delete(id)) return
    this.counters.push(counter)
    if (this.pending.size === 0) for (const thread of this.threads ?? []) thread.keepAlive(false)
  }
}
