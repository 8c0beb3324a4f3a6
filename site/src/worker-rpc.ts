/** A worker that is called by comlink. If it is lost, so is every call: its promise is rejected. */

import { wrap, type Remote } from 'comlink'

export interface WorkerClient<T> {
  readonly remote: Remote<T>
  /** What a call gives, or the error of a worker that was lost. */
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
  lost.catch(() => {}) // it matters to a call alone
  return {
    remote: wrap<T>(worker),
    call: (call) => Promise.race([call, lost]),
    terminate: () => worker.terminate(),
  }
}
