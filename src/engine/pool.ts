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

import type { TensorData } from '../dtypes.ts'
import { startThread, type Message, type Thread } from './host.ts'
import { STAGING_BYTES, type Instance } from './instance.ts'

export interface FillBatch {
  /** The words of a workspace from its beginning to the state: key, map, dtype, parameters. */
  readonly job: Uint32Array
  /** Bytes of an element. */
  readonly bytes: number
  /** Where the elements go: an address in the memory, or indices from `at` on of an array on shared memory. */
  readonly address?: number
  readonly target?: TensorData
  readonly at?: number
  readonly first: number
  readonly count: number
  readonly piece: number
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
  readonly instance: Instance
  readonly make?: () => object
}

/** Batches that may be under way at once. */
const COUNTERS = 64

/** A batch under way, as the asking thread sees it. */
export interface Running {
  /** The index of a piece that nobody else will fill. */
  claim(): number
  /** How many pieces have been claimed, at most. */
  claimed(): number
  /** Resolves when all `steps` are done, of which the asking thread did `own`; false if workers were lost with some. */
  done(steps: number, own: number): Promise<boolean>
  /** Leaves the rest of `steps` unclaimed. Resolves when no worker is at a step, and none will be. */
  abandon(steps: number): Promise<unknown>
}

interface Batch extends Running {
  /** Resolves when every worker has looked at it, or some are lost. */
  answered(): Promise<unknown>
}

/** More than any batch has pieces, and far from the end of Int32. */
const ABANDONED = 2 ** 30

/** A batch until every worker has answered and the asking thread is through: only then nobody counts in its counter. */
interface Waiting {
  readonly id: number
  readonly counter: number
  /** Workers that have not answered. */
  left: number
  /** Steps that those who have did, */
  steps: number
  /** and how many are theirs to do: known when the asking thread is through. */
  wanted?: number
  readonly resolve: (whole: boolean) => void
}

export class Pool {
  /** Why there are no workers any more. */
  failure: string | undefined
  private readonly options: PoolOptions
  private threads: Thread[] | undefined
  private readonly waiting = new Map<number, Waiting>()
  private count = 0

  /** Addresses of Int32 that batches may count in, a cache line each. */
  private readonly counters: number[]

  constructor(options: PoolOptions) {
    this.options = options
    const { TABLE_END } = options.instance.layout
    this.counters = Array.from({ length: COUNTERS }, (_, i) => TABLE_END - 64 * (i + 1))
  }

  /** Hands a batch to the workers; undefined if there are none, or too many batches under way. */
  run(type: 'fill', batch: FillBatch): Batch | undefined
  run(type: 'orthogonal', batch: OrthogonalBatch): Batch | undefined
  run(type: string, batch: object): Batch | undefined {
    const threads = (this.threads ??= this.start())
    const { counters } = this
    const { memory } = this.options.instance
    const counter = this.failure === undefined ? counters.pop() : undefined
    if (counter === undefined) return undefined
    const claims = new Int32Array(memory.buffer, counter, 1)
    Atomics.store(claims, 0, 0)
    const id = this.count++
    let resolve!: (whole: boolean) => void
    const settled = new Promise<boolean>((settle) => (resolve = settle))
    const waiting: Waiting = { id, counter, left: threads.length, steps: 0, resolve }
    this.waiting.set(id, waiting)
    for (const thread of threads) {
      thread.keepAlive(true)
      thread.post({ type: `simdinit:${type}`, id, counter, ...batch })
    }
    const through = (wanted: number) => {
      waiting.wanted = wanted
      this.look(waiting)
      return settled
    }
    let taken = 0
    return {
      claim() {
        taken++
        return Atomics.add(claims, 0, 1)
      },
      claimed: () => Atomics.load(claims, 0),
      done: (steps, own) => through(steps - own),
      // a worker that has claimed nothing can do nothing any more, so only those who have are waited for
      abandon: (steps) => through(Math.min(Atomics.exchange(claims, 0, ABANDONED), steps) - taken),
      answered: () => through(NaN), // which no number of steps is
    }
  }

  /** Starts the workers. Resolves when all of them have answered a batch of nothing, or none will. */
  async ready(): Promise<void> {
    const nothing = { job: new Uint32Array(0), bytes: 1, address: 0, first: 0, count: 0, piece: 1 }
    await this.run('fill', nothing)?.answered()
  }

  /** Ends the workers. Batches under way settle, as not whole, when no worker can write any more. */
  async end(reason: string): Promise<void> {
    if (this.failure !== undefined) return
    this.failure = reason
    await Promise.all((this.threads ?? []).map((thread) => thread.end()))
    for (const { resolve } of this.waiting.values()) resolve(false)
    this.waiting.clear()
  }

  private start(): Thread[] {
    const { workers, module, instance, make } = this.options
    const { memory } = instance
    const threads: Thread[] = []
    try {
      for (let worker = 1; worker <= workers; worker++) {
        const thread = startThread(make)
        threads.push(thread)
        thread.listen(
          (message) => this.receive(message),
          (reason) => void this.end(`a worker failed: ${reason}`),
        )
        const staging = instance.area(worker)
        const place = { workspace: staging + STAGING_BYTES, staging, stagingBytes: STAGING_BYTES }
        thread.post({ type: 'simdinit:start', module, memory, worker, ...place })
      }
    } catch (error) {
      for (const thread of threads) void thread.end()
      this.failure = `a worker could not be started: ${(error as Error).message}`
      return []
    }
    return threads
  }

  private receive({ type, id, steps, reason }: Message): void {
    if (this.failure !== undefined) return // the process is to stay alive until the threads have ended
    if (type === 'simdinit:failed') void this.end(`a worker failed: ${reason}`)
    const batch = type === 'simdinit:done' ? this.waiting.get(id!) : undefined
    if (!batch) return
    batch.steps += steps!
    batch.left--
    this.look(batch)
  }

  /** Is a batch done, or can it no longer be? */
  private look({ id, counter, left, steps, wanted, resolve }: Waiting): void {
    if (wanted === undefined) return
    if (steps === wanted) resolve(true)
    if (left > 0) return
    resolve(false) // unless it was done
    if (!this.waiting.delete(id)) return
    this.counters.push(counter)
    if (this.waiting.size === 0) for (const thread of this.threads ?? []) thread.keepAlive(false)
  }
}
