/**
 * Executing a stretch: alone and piece by piece, beside other threads, or through windows that they can write to.
 * Whichever it is changes no byte.
 */

import {
  isFormulaJob,
  isMatrixRange,
  type AnyElementRange,
  type Backend,
  type MatrixTask,
  type SharedTask,
  type ElementRange,
  type MatrixElementRange,
} from './types.ts'
import { yieldToHost } from './platform.ts'
import type { BatchHandle } from './worker-pool.ts'
import { readMatrix, MatrixCache } from './matrix-cache.ts'

/** Elements between two looks at the abort signal. */
export const CHUNK_ELEMENTS = 1 << 18
/** Elements of a window through which other threads fill a target that they cannot write to. */
const WINDOW_ELEMENTS = 1 << 20
/** Milliseconds after which others have their turn. */
const YIELD_INTERVAL_MS = 16

/** Elements between two readings of the clock, and what a tensor costs besides its elements. */
const CLOCK_CHECK_ELEMENTS = 1 << 16
const TENSOR_OVERHEAD_ELEMENTS = 1 << 11

/** Memory that a window is made from: that which an engine lends. */
type LendFunction = (
  length: number,
  dtype: ElementRange['job']['dtype'],
) => { data: ElementRange['target']; release(): void }

export class Scheduler {
  private readonly backend: Backend
  private readonly lend: LendFunction
  private readonly matrices: MatrixCache

  constructor(backend: Backend, lend: LendFunction) {
    this.backend = backend
    this.lend = lend
    this.matrices = new MatrixCache(backend)
  }

  /** Fills on this thread, at once. */
  fill(stretch: AnyElementRange): void {
    if (!isMatrixRange(stretch)) return this.backend.fill(stretch)
    const { task, isFinished } = this.matrices.acquire(stretch.job)
    if (!isFinished) {
      for (const [phase, steps] of task.phases.entries()) {
        for (let index = 0; index < steps; index++) for (const _ of task.runStep(phase, index));
      }
    }
    readMatrix(stretch, task.values)
    this.matrices.release(stretch, task)
  }

  /** Fills with other threads where it is worth it, and with turns for others. */
  async run(stretch: AnyElementRange, work: WorkTracker): Promise<void> {
    return isMatrixRange(stretch) ? this.runMatrixRange(stretch, work) : this.runElementRange(stretch, work)
  }

  /** Forgets what is kept. */
  close(): void {
    this.matrices.clear()
  }

  /** With other threads, where they can write to the target or it is worth windows on it; else alone. */
  private async runElementRange(stretch: ElementRange, work: WorkTracker): Promise<void> {
    const shared = this.backend.dispatch?.(stretch)
    if (shared) return this.runShared(shared, stretch, work)
    const windows = this.lendWindows(stretch)
    if (windows) return this.runWindows(windows, stretch, work)
    const { first, count } = stretch
    for (let done = 0; done < count;) {
      work.throwIfStopped()
      const piece = Math.min(count - done, CHUNK_ELEMENTS - ((first + done) % CHUNK_ELEMENTS))
      this.backend.fill(subrange(stretch, done, piece))
      done += piece
      if (work.recordProgress(piece)) await work.reportAndYield()
    }
  }

  /** Fills pieces of a stretch beside the other threads. */
  private async runShared(
    { batch, chunkSize }: SharedTask,
    stretch: ElementRange,
    work: WorkTracker,
  ): Promise<void> {
    const { count } = stretch
    const fill = (index: number) => {
      const some = Math.min(chunkSize, count - index * chunkSize)
      this.backend.fill(subrange(stretch, index * chunkSize, some))
      return [some]
    }
    const done = (claimed: number) => Math.min(claimed * chunkSize, count)
    const isComplete = await runSteps(batch, Math.ceil(count / chunkSize), fill, done, work)
    if (!isComplete) {
      work.throwIfStopped()
      this.backend.fill(stretch) // a worker is lost, and with it nobody knows which piece
    }
    work.recordProgress(count)
  }

  /** Makes the matrix, unless it is kept, and reads the stretch from it. */
  private async runMatrixRange(stretch: MatrixElementRange, work: WorkTracker): Promise<void> {
    const { task, isFinished } = this.matrices.acquire(stretch.job)
    let isComplete = isFinished
    try {
      if (!isFinished) await this.runMatrixTask(task, stretch.count, work)
      isComplete = true
      for (let done = 0; done < stretch.count; done += CHUNK_ELEMENTS) {
        work.throwIfStopped()
        const piece = Math.min(CHUNK_ELEMENTS, stretch.count - done)
        readMatrix(subrange(stretch, done, piece), task.values)
        if (work.recordProgress(0, piece)) await work.reportAndYield(stretch.count)
      }
      work.recordProgress(stretch.count)
    } finally {
      this.matrices.release(stretch, task, isComplete)
    }
  }

  /** Does the phases of a matrix one after the other. */
  private async runMatrixTask(making: MatrixTask, count: number, work: WorkTracker): Promise<void> {
    for (const [phase, steps] of making.phases.entries()) {
      const step = (index: number) => making.runStep(phase, index)
      const last = phase === making.phases.length - 1
      const done = (claimed: number) => (last ? Math.floor((count * Math.min(claimed, steps)) / steps) : 0)
      const whole = await runSteps(making.dispatch?.(phase) ?? createLocalBatch(), steps, step, done, work)
      if (!whole) await runSteps(createLocalBatch(), steps, step, done, work)
    }
  }

  /** Two windows of shared memory, if there are threads for them, and so much is not lent out. */
  private lendWindows({ job, count }: ElementRange): Windows | undefined {
    const isLocal = isFormulaJob(job) || job.transform.kind === 'constant'
    if (isLocal || this.backend.threads.count === 1 || count < 2 * WINDOW_ELEMENTS) return undefined
    const windows: Windows = []
    try {
      while (windows.length < 2) windows.push(this.lend(WINDOW_ELEMENTS, job.dtype))
      return windows
    } catch {
      for (const window of windows) window.release()
      return undefined
    }
  }

  /**
   * A stretch of a target that other threads cannot write to: they fill two windows in turn, and this thread
   * copies the one while they fill the other.
   */
  private async runWindows(windows: Windows, stretch: ElementRange, work: WorkTracker): Promise<void> {
    const { job, target, count } = stretch
    const open = (start: number) => {
      const some = Math.max(0, Math.min(WINDOW_ELEMENTS, count - start))
      const view = {
        job,
        target: windows[(start / WINDOW_ELEMENTS) % 2].data,
        targetOffset: 0,
        first: stretch.first + start,
        count: some,
      }
      return { start, view, shared: some > 0 ? this.backend.dispatch?.(view) : undefined }
    }
    let next = open(0)
    try {
      while (next.view.count > 0) {
        const { start, view, shared } = next
        next = open(start + WINDOW_ELEMENTS)
        if (shared) await this.runShared(shared, view, work)
        else await this.runElementRange(view, work)
        target.set(view.target.subarray(0, view.count), stretch.targetOffset + start)
      }
    } finally {
      const { shared, view } = next
      await shared?.batch.cancel(Math.ceil(view.count / shared.chunkSize))
      for (const window of windows) window.release()
    }
  }
}

type Windows = ReturnType<LendFunction>[]

/**
 * Claims steps until none is left, and waits for those of other threads. False if some of theirs may not be done.
 * A step says what it did in elements' worth; `done` what the claimed steps are to a report.
 */
async function runSteps(
  running: BatchHandle,
  steps: number,
  step: (index: number) => Iterable<number>,
  done: (claimed: number) => number,
  work: WorkTracker,
): Promise<boolean> {
  let own = 0
  try {
    for (let index = running.next(); index < steps; index = running.next()) {
      work.throwIfStopped()
      for (const cost of step(index)) {
        if (!work.recordProgress(0, cost)) continue
        await work.reportAndYield(done(running.claimedCount()))
        work.throwIfStopped()
      }
      own++
    }
  } catch (error) {
    await running.cancel(steps)
    throw error
  }
  return running.finish(steps, own)
}

/** Steps that this thread does alone. */
function createLocalBatch(): BatchHandle {
  let next = 0
  return { next: () => next++, claimedCount: () => next, finish: async () => true, cancel: async () => {} }
}

/** `count` elements of a stretch, from its element `start` on. */
function subrange<J>(
  { job, target, targetOffset, first }: ElementRange<J>,
  start: number,
  count: number,
): ElementRange<J> {
  return { job, target, targetOffset: targetOffset + start, first: first + start, count }
}

type OnProgress = ((progress: { done: number; total: number }) => void) | undefined

/** Keeps count of what has been done, and of whose turn it is. */
export class WorkTracker {
  /** Throws if the work is to stop. */
  readonly throwIfStopped: () => void
  private readonly total: number
  private readonly onProgress: OnProgress
  private done = 0
  private costSinceClockCheck = 0
  private nextYieldTime = performance.now() + YIELD_INTERVAL_MS

  constructor(total: number, check: () => void, onProgress: OnProgress) {
    this.total = total
    this.throwIfStopped = check
    this.onProgress = onProgress
  }

  /** True if it is time for a turn of others. The clock is read only now and then, for tensors may be small. */
  recordProgress(done: number, cost = done): boolean {
    this.done += done
    this.costSinceClockCheck += cost + TENSOR_OVERHEAD_ELEMENTS
    if (this.costSinceClockCheck < CLOCK_CHECK_ELEMENTS) return false
    this.costSinceClockCheck = 0
    return performance.now() > this.nextYieldTime
  }

  /** Tells how far it is, `more` elements than have been added, and lets others run. */
  async reportAndYield(more = 0): Promise<void> {
    this.onProgress?.({ done: Math.min(this.total, this.done + more), total: this.total })
    await yieldToHost()
    this.nextYieldTime = performance.now() + YIELD_INTERVAL_MS
  }
}
