/** A worker that is called through comlink. When the worker fails, the promises of all its calls are rejected. */

import { wrap, type Remote } from 'comlink'

export interface WorkerClient<T> {
  readonly remote: Remote<T>
  /** The result of a call, or the error of the worker. */
  call<C>(call: C): Promise<Awaited<C>>
  terminate(): void
}

export function createWorkerClient<T>(worker: Worker, onLost?: () => void): WorkerClient<T> {
  const lost = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      worker.terminate()
      onLost?.()
      reject(new Error(event.message || 'the script of the worker could not be loaded'))
    })
  })
  lost.catch(() => {}) // reported by the calls
  return {
    remote: wrap<T>(worker),
    call: (call) => Promise.race([call, lost]),
    terminate: () => worker.terminate(),
  }
}
