/**
 * Work on the newest input alone: one run at a time, the running one is aborted when a newer input comes, and those
 * between are never begun. So a slider that is dragged asks for no more than the machine can do.
 */

/** Calls `work` with what the function it gives was last called with. `work` handles its own errors. */
export function runLatest<T>(work: (input: T, signal: AbortSignal) => Promise<void>): (input: T) => void {
  let next: { input: T } | undefined
  let running: AbortController | undefined
  const run = async () => {
    while (next) {
      const { input } = next
      next = undefined
      running = new AbortController()
      await work(input, running.signal)
    }
    running = undefined
  }
  return (input) => {
    next = { input }
    if (running) running.abort()
    else void run()
  }
}
