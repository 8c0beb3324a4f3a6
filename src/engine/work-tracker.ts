/** Keeps track of how much of an asynchronous call is done, and of when the host gets a turn. */

import { yieldToHost } from './platform.ts'
import type { AsyncOptions } from './tensor.ts'

/** Milliseconds between two turns of the host. */
const YIELD_INTERVAL_MS = 16
/** Elements between two readings of the clock, and the cost of a tensor in addition to its elements. */
const CLOCK_CHECK_ELEMENTS = 1 << 16
const TENSOR_OVERHEAD_ELEMENTS = 1 << 11

export class WorkTracker {
  /** Throws if the signal has aborted or the engine has been closed. */
  readonly throwIfStopped: () => void
  private readonly total: number
  private readonly onProgress: AsyncOptions['onProgress']
  private done = 0
  private costSinceClockCheck = 0
  private nextYieldTime = performance.now() + YIELD_INTERVAL_MS

  constructor(total: number, throwIfStopped: () => void, onProgress: AsyncOptions['onProgress']) {
    this.total = total
    this.throwIfStopped = throwIfStopped
    this.onProgress = onProgress
  }

  /**
   * Adds elements that are done. Returns whether the host should get a turn. The clock is read only from time to time,
   * because tensors can be small.
   */
  recordProgress(done: number, cost = done): boolean {
    this.done += done
    this.costSinceClockCheck += cost + TENSOR_OVERHEAD_ELEMENTS
    if (this.costSinceClockCheck < CLOCK_CHECK_ELEMENTS) return false
    this.costSinceClockCheck = 0
    return performance.now() > this.nextYieldTime
  }

  /** Reports progress, counting `unrecorded` elements in addition, and gives the host a turn. */
  async reportAndYield(unrecorded = 0): Promise<void> {
    this.onProgress?.({ done: Math.min(this.total, this.done + unrecorded), total: this.total })
    await yieldToHost()
    this.nextYieldTime = performance.now() + YIELD_INTERVAL_MS
  }
}
