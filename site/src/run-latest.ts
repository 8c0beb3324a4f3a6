/**
 * Runs a task on the newest input only. A newer input aborts the current run, and inputs in between are skipped, so that
 * dragging a slider never queues more work than the machine can do.
 */

/** Returns a function that runs `task` with its latest argument. `task` handles its own errors. */
export function runLatest<T>(task: (input: T, signal: AbortSignal) => Promise<void>): (input: T) => void {
  let next: { input: T } | undefined
  let current: AbortController | undefined
  const run = async () => {
    while (next) {
      const { input } = next
      next = undefined
      current = new AbortController()
      await task(input, current.signal)
    }
    current = undefined
  }
  return (input) => {
    next = { input }
    if (current) current.abort()
    else void run()
  }
}
