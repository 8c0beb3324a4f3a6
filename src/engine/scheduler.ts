/**
 * Executes element ranges: chunk by chunk on this thread, together with other threads, or through windows that other
 * threads can write to. The bytes do not depend on the choice.
 */

import type { EngineMemory, Allocation } from './engine-memory.ts'
import { MatrixCache, readMatrix } from './matrix-cache.ts'
import {
  isFormulaJob,
  isMatrixRange,
  type AnyElementRange,
  type Backend,
  type BatchHandle,
  type MatrixTask,
  type SharedTask,
  type ElementRange,
  type MatrixElementRange,
} from './types.ts'
import type { WorkTracker } from './work-tracker.ts'

/** Elements between two checks of the abort signal. */
const CHUNK_ELEMENTS = 1 << 18
/** Elements of a window through which other threads fill a target that they cannot write to. */
const WINDOW_ELEMENTS = 1 << 20

export class Scheduler {
  private readonly backend: Backend
  private readonly memory: EngineMemory
  private readonly matrices: MatrixCache

  constructor(backend: Backend, memory: EngineMemory) {
    this.backend = backend
    this.memory = memory
    this.matrices = new MatrixCache(backend)
  }

  /** Fills on this thread, synchronously. */
  fill(range: AnyElementRange): void {
    if (!isMatrixRange(range)) return this.backend.fill(range)
    const { task, isFinished } = this.matrices.acquire(range.job)
    if (!isFinished) runMatrixTaskSync(task)
    readMatrix(range, task.values)
    this.matrices.release(range, task)
  }

  /**
   * Fills with other threads where that pays, and yields to the host from time to time. Returns undefined if it is done
   * at once, so that many small tensors need no promise each.
   */
  run(range: AnyElementRange, work: WorkTracker): Promise<void> | undefined {
    if (isMatrixRange(range)) return this.runMatrixRange(range, work)
    if (range.count > CHUNK_ELEMENTS) return this.runElementRange(range, work)
    work.throwIfStopped()
    this.backend.fill(range)
    return work.recordProgress(range.count) ? work.reportAndYield() : undefined
  }

  /** Frees the cached matrix. */
  close(): void {
    this.matrices.clear()
  }

  private async runElementRange(range: ElementRange, work: WorkTracker): Promise<void> {
    const shared = this.backend.dispatch?.(range)
    if (shared) return this.runShared(shared, range, work)
    const windows = this.allocateWindows(range)
    if (windows) return this.runThroughWindows(windows, range, work)
    return this.runAlone(range, work)
  }

  /** Fills on this thread, chunk by chunk; chunks end at multiples of their size. */
  private async runAlone(range: ElementRange, work: WorkTracker): Promise<void> {
    const { first, count } = range
    for (let done = 0; done < count;) {
      work.throwIfStopped()
      const chunk = Math.min(count - done, CHUNK_ELEMENTS - ((first + done) % CHUNK_ELEMENTS))
      this.backend.fill(subrange(range, done, chunk))
      done += chunk
      if (work.recordProgress(chunk)) await work.reportAndYield()
    }
  }

  /** Fills together with the other threads, which write to the target directly. */
  private async runShared(
    { batch, chunkSize }: SharedTask,
    range: ElementRange,
    work: WorkTracker,
  ): Promise<void> {
    const { count } = range
    const fillChunk = (index: number) => {
      const start = index * chunkSize
      const length = Math.min(chunkSize, count - start)
      this.backend.fill(subrange(range, start, length))
      return [length]
    }
    const isComplete = await runSteps(batch, Math.ceil(count / chunkSize), work, {
      runStep: fillChunk,
      elementsDone: (claimed) => Math.min(claimed * chunkSize, count),
    })
    if (!isComplete) {
      work.throwIfStopped()
      this.backend.fill(range) // which chunks a lost worker had filled is unknown
    }
    work.recordProgress(count)
  }

  /** Computes the matrix, unless it is cached, and copies the range from it. */
  private async runMatrixRange(range: MatrixElementRange, work: WorkTracker): Promise<void> {
    const { task, isFinished } = this.matrices.acquire(range.job)
    let isComplete = isFinished
    try {
      if (!isFinished) await runMatrixTask(task, range.count, work)
      isComplete = true
      await copyFromMatrix(range, task.values, work)
    } finally {
      this.matrices.release(range, task, isComplete)
    }
  }

  /** Two windows of shared memory, if there are other threads, the range is long enough, and the memory is free. */
  private allocateWindows({ job, count }: ElementRange): WindowPair | undefined {
    const isCheap = isFormulaJob(job) || job.transform.kind === 'constant'
    if (isCheap || this.backend.threads.count === 1 || count < 2 * WINDOW_ELEMENTS) return undefined
    const first = this.memory.allocate(WINDOW_ELEMENTS, job.dtype)
    const second = first && this.memory.allocate(WINDOW_ELEMENTS, job.dtype)
    if (first && second) return [first, second]
    first?.free()
    return undefined
  }

  /**
   * Fills a target that other threads cannot write to: they fill two windows alternately, and this thread copies one to
   * the target while they fill the other.
   */
  private async runThroughWindows(
    windows: WindowPair,
    range: ElementRange,
    work: WorkTracker,
  ): Promise<void> {
    const { target, targetOffset } = range
    let next = this.openWindow(windows, range, 0)
    try {
      while (next.window.count > 0) {
        const { start, window, shared } = next
        next = this.openWindow(windows, range, start + WINDOW_ELEMENTS)
        if (shared) await this.runShared(shared, window, work)
        else await this.runElementRange(window, work)
        target.set(window.target.subarray(0, window.count), targetOffset + start)
      }
    } finally {
      const { shared, window } = next
      await shared?.batch.cancel(Math.ceil(window.count / shared.chunkSize))
      for (const window of windows) window.free()
    }
  }

  /** Starts the other threads on the part of a range from `start` on that fits a window; none is left after the end. */
  private openWindow(windows: WindowPair, { job, first, count }: ElementRange, start: number): OpenWindow {
    const window = {
      job,
      target: windows[(start / WINDOW_ELEMENTS) % 2].data,
      targetOffset: 0,
      first: first + start,
      count: Math.max(0, Math.min(WINDOW_ELEMENTS, count - start)),
    }
    return { start, window, shared: window.count > 0 ? this.backend.dispatch?.(window) : undefined }
  }
}

type WindowPair = readonly [Allocation, Allocation]

interface OpenWindow {
  /** The first element of the range that goes to the window. */
  readonly start: number
  readonly window: ElementRange
  readonly shared: SharedTask | undefined
}

function runMatrixTaskSync(task: MatrixTask): void {
  for (const [phase, steps] of task.phases.entries()) {
    for (let index = 0; index < steps; index++) for (const _ of task.runStep(phase, index));
  }
}

/** Runs the phases of a matrix of `count` elements, which the last phase produces. */
async function runMatrixTask(task: MatrixTask, count: number, work: WorkTracker): Promise<void> {
  for (const [phase, steps] of task.phases.entries()) {
    const isLast = phase === task.phases.length - 1
    const phaseWork = {
      runStep: (index: number) => task.runStep(phase, index),
      elementsDone: (claimed: number) =>
        isLast ? Math.floor((count * Math.min(claimed, steps)) / steps) : 0,
    }
    const batch = task.dispatch?.(phase) ?? createLocalBatch()
    const isComplete = await runSteps(batch, steps, work, phaseWork)
    if (!isComplete) await runSteps(createLocalBatch(), steps, work, phaseWork)
  }
}

async function copyFromMatrix(
  range: MatrixElementRange,
  values: Float32Array,
  work: WorkTracker,
): Promise<void> {
  const { count } = range
  for (let done = 0; done < count; done += CHUNK_ELEMENTS) {
    work.throwIfStopped()
    const chunk = Math.min(CHUNK_ELEMENTS, count - done)
    readMatrix(subrange(range, done, chunk), values)
    if (work.recordProgress(0, chunk)) await work.reportAndYield(count)
  }
  work.recordProgress(count)
}

interface StepWork {
  /** Runs a step; yields the work done since the last yield, in elements' worth. */
  runStep(index: number): Iterable<number>
  /** Converts a number of claimed steps to the elements to report as done. */
  elementsDone(claimed: number): number
}

/**
 * Claims and runs steps until none is left, and waits for those of other threads. Resolves to false if some of theirs
 * may not be done.
 */
async function runSteps(
  batch: BatchHandle,
  steps: number,
  work: WorkTracker,
  { runStep, elementsDone }: StepWork,
): Promise<boolean> {
  let own = 0
  try {
    for (let index = batch.next(); index < steps; index = batch.next()) {
      work.throwIfStopped()
      for (const cost of runStep(index)) {
        if (!work.recordProgress(0, cost)) continue
        await work.reportAndYield(elementsDone(batch.claimedCount()))
        work.throwIfStopped()
      }
      own++
    }
  } catch (error) {
    await batch.cancel(steps)
    throw error
  }
  return batch.finish(steps, own)
}

/** A batch that this thread executes alone. */
function createLocalBatch(): BatchHandle {
  let next = 0
  return { next: () => next++, claimedCount: () => next, finish: async () => true, cancel: async () => {} }
}

/** `count` elements of a range, from its element `start` on. */
function subrange<J>(
  { job, target, targetOffset, first }: ElementRange<J>,
  start: number,
  count: number,
): ElementRange<J> {
  return { job, target, targetOffset: targetOffset + start, first: first + start, count }
}
