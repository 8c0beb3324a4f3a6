/** Progress of a run in bytes. */

export interface ProgressOptions {
  signal?: AbortSignal
  onProgress?: (progress: { done: number; total: number }) => void
}

/** Reports bytes to `onProgress`, and stops the run by throwing when its signal is aborted. */
export class ProgressCounter {
  private readonly total: number
  private readonly options: ProgressOptions
  private done = 0

  constructor(total: number, options: ProgressOptions) {
    this.total = total
    this.options = options
  }

  readonly add = (bytes: number): void => {
    const { signal, onProgress } = this.options
    signal?.throwIfAborted()
    this.done = Math.min(this.total, this.done + bytes)
    onProgress?.({ done: this.done, total: this.total })
  }

  /** Continues from `done`, without a report. */
  reset(done: number): void {
    this.done = done
  }
}
