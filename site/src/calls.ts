/** A worker that is called by comlink. If it is lost, so is every call: its promise is rejected. */

import { wrap, type Remote } from 'comlink'

export interface Callable<T> {
  readonly remote: Remote<T>
  /** What a call gives, or the error of a worker that was lost. */
  answer<C>(call: C): Promise<Awaited<C>>
  end(): void
}

export function callable<T>(worker: Worker, onLost?: () => void): Callable<T> {
  const lost = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      worker.terminate()
      onLost?.()
      reject(new Error(event.message || 'the script of the worker could not be loaded'))
    })
  })
  lost.catch(() => {}) // it matters to a call alone
  return {
    remote: wrap<T>(worker),
    answer: (call) => Promise.race([call, lost]),
    end: () => worker.terminate(),
  }
}
