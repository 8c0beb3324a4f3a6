/**
 * Executing a stretch: alone and piece by piece, beside other threads, or through windows that they can write to.
 * Whichever it is changes no byte.
 */

import {
  isComputed,
  isStructured,
  type AnyStretch,
  type Backend,
  type Making,
  type Shared,
  type Stretch,
  type StructuredStretch,
} from './backend.ts'
import { breath } from './host.ts'
import type { Running } from './pool.ts'
import { readStructured, StructuredTensors } from './structured.ts'

/** Elements between two looks at the abort signal. */
export const PIECE = 1 << 18
/** Elements of a window through which other threads fill a target that they cannot write to. */
const WINDOW = 1 << 20
/** Milliseconds after which others have their turn. */
const TURN = 16

/** Elements between two readings of the clock, and what a tensor costs besides its elements. */
const CLOCKED = 1 << 16
const TENSOR = 1 << 11

/** Memory that a window is made from: that which an engine lends. */
type Lend = (length: number, dtype: Stretch['job']['dtype']) => { data: Stretch['target']; release(): void }

export class Executor {
  private readonly backend: Backend
  private readonly lend: Lend
  private readonly structured: StructuredTensors

  constructor(backend: Backend, lend: Lend) {
    this.backend = backend
    this.lend = lend
    this.structured = new StructuredTensors(backend)
  }

  /** Fills on this thread, at once. */
  fill(stretch: AnyStretch): void {
    if (!isStructured(stretch)) return this.backend.fill(stretch)
    const { making, finished } = this.structured.take(stretch.job)
    if (!finished) {
      for (const [phase, steps] of making.phases.entries()) {
        for (let index = 0; index < steps; index++) for (const _ of making.step(phase, index));
      }
    }
    readStructured(stretch, making.values)
    this.structured.giveBack(stretch, making)
  }

  /** Fills with other threads where it is worth it, and with turns for others. */
  async run(stretch: AnyStretch, work: Work): Promise<void> {
    return isStructured(stretch) ? this.runStructured(stretch, work) : this.runStretch(stretch, work)
  }

  /** Forgets what is kept. */
  close(): void {
    this.structured.clear()
  }

  /** With other threads, where they can write to the target or it is worth windows on it; else alone. */
  private async runStretch(stretch: Stretch, work: Work): Promise<void> {
    const shared = this.backend.share?.(stretch)
    if (shared) return this.join(shared, stretch, work)
    const windows = this.lendWindows(stretch)
    if (windows) return this.runWindows(windows, stretch, work)
    const { first, count } = stretch
    for (let done = 0; done < count;) {
      work.check()
      const piece = Math.min(count - done, PIECE - ((first + done) % PIECE))
      this.backend.fill(part(stretch, done, piece))
      done += piece
      if (work.add(piece)) await work.turn()
    }
  }

  /** Fills pieces of a stretch beside the other threads. */
  private async join({ running, piece }: Shared, stretch: Stretch, work: Work): Promise<void> {
    const { count } = stretch
    const fill = (index: number) => {
      const some = Math.min(piece, count - index * piece)
      this.backend.fill(part(stretch, index * piece, some))
      return [some]
    }
    const done = (claimed: number) => Math.min(claimed * piece, count)
    const whole = await beside(running, Math.ceil(count / piece), fill, done, work)
    if (!whole) {
      work.check()
      this.backend.fill(stretch) // a worker is lost, and with it nobody knows which piece
    }
    work.add(count)
  }

  /** Makes the matrix, unless it is kept, and reads the stretch from it. */
  private async runStructured(stretch: StructuredStretch, work: Work): Promise<void> {
    const { making, finished } = this.structured.take(stretch.job)
    let whole = finished
    try {
      if (!finished) await this.make(making, stretch.count, work)
      whole = true
      for (let done = 0; done < stretch.count; done += PIECE) {
        work.check()
        const piece = Math.min(PIECE, stretch.count - done)
        readStructured(part(stretch, done, piece), making.values)
        if (work.add(0, piece)) await work.turn(stretch.count)
      }
      work.add(stretch.count)
    } finally {
      this.structured.giveBack(stretch, making, whole)
    }
  }

  /** Does the phases of a matrix one after the other. */
  private async make(making: Making, count: number, work: Work): Promise<void> {
    for (const [phase, steps] of making.phases.entries()) {
      const step = (index: number) => making.step(phase, index)
      const last = phase === making.phases.length - 1
      const done = (claimed: number) => (last ? Math.floor((count * Math.min(claimed, steps)) / steps) : 0)
      const whole = await beside(making.share?.(phase) ?? alone(), steps, step, done, work)
      if (!whole) await beside(alone(), steps, step, done, work)
    }
  }

  /** Two windows of shared memory, if there are threads for them, and so much is not lent out. */
  private lendWindows({ job, count }: Stretch): Windows | undefined {
    const alone = isComputed(job) || job.map.kind === 'constant'
    if (alone || this.backend.threads.count === 1 || count < 2 * WINDOW) return undefined
    const windows: Windows = []
    try {
      while (windows.length < 2) windows.push(this.lend(WINDOW, job.dtype))
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
  private async runWindows(windows: Windows, stretch: Stretch, work: Work): Promise<void> {
    const { job, target, count } = stretch
    const open = (start: number) => {
      const some = Math.max(0, Math.min(WINDOW, count - start))
      const view = {
        job,
        target: windows[(start / WINDOW) % 2].data,
        at: 0,
        first: stretch.first + start,
        count: some,
      }
      return { start, view, shared: some > 0 ? this.backend.share?.(view) : undefined }
    }
    let next = open(0)
    try {
      while (next.view.count > 0) {
        const { start, view, shared } = next
        next = open(start + WINDOW)
        if (shared) await this.join(shared, view, work)
        else await this.runStretch(view, work)
        target.set(view.target.subarray(0, view.count), stretch.at + start)
      }
    } finally {
      const { shared, view } = next
      await shared?.running.abandon(Math.ceil(view.count / shared.piece))
      for (const window of windows) window.release()
    }
  }
}

type Windows = ReturnType<Lend>[]

/**
 * Claims steps until none is left, and waits for those of other threads. False if some of theirs may not be done.
 * A step says what it did in elements' worth; `done` what the claimed steps are to a report.
 */
async function beside(
  running: Running,
  steps: number,
  step: (index: number) => Iterable<number>,
  done: (claimed: number) => number,
  work: Work,
): Promise<boolean> {
  let own = 0
  try {
    for (let index = running.claim(); index < steps; index = running.claim()) {
      work.check()
      for (const cost of step(index)) {
        if (!work.add(0, cost)) continue
        await work.turn(done(running.claimed()))
        work.check()
      }
      own++
    }
  } catch (error) {
    await running.abandon(steps)
    throw error
  }
  return running.done(steps, own)
}

/** Steps that this thread does alone. */
function alone(): Running {
  let next = 0
  return { claim: () => next++, claimed: () => next, done: async () => true, abandon: async () => {} }
}

/** `count` elements of a stretch, from its element `start` on. */
function part<J>({ job, target, at, first }: Stretch<J>, start: number, count: number): Stretch<J> {
  return { job, target, at: at + start, first: first + start, count }
}

type OnProgress = ((progress: { done: number; total: number }) => void) | undefined

/** Keeps count of what has been done, and of whose turn it is. */
export class Work {
  /** Throws if the work is to stop. */
  readonly check: () => void
  private readonly total: number
  private readonly onProgress: OnProgress
  private done = 0
  private unclocked = 0
  private until = performance.now() + TURN

  constructor(total: number, check: () => void, onProgress: OnProgress) {
    this.total = total
    this.check = check
    this.onProgress = onProgress
  }

  /** True if it is time for a turn of others. The clock is read only now and then, for tensors may be small. */
  add(done: number, cost = done): boolean {
    this.done += done
    this.unclocked += cost + TENSOR
    if (this.unclocked < CLOCKED) return false
    this.unclocked = 0
    return performance.now() > this.until
  }

  /** Tells how far it is, `more` elements than have been added, and lets others run. */
  async turn(more = 0): Promise<void> {
    this.onProgress?.({ done: Math.min(this.total, this.done + more), total: this.total })
    await breath()
    this.until = performance.now() + TURN
  }
}
