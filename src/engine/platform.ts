/** What differs between Node and browsers: cores, workers, and letting others run. */

import { workerSource } from './worker.generated.ts'

/** What a worker says (`worker-pool.ts` has the protocol). */
export interface WorkerMessage {
  readonly type: string
  readonly id?: number
  readonly steps?: number
  readonly reason?: string
}

/** A worker, whoever runs it. Listeners are set once, at the start. */
export interface WorkerThread {
  post(message: object): void
  /** `failed` is called when the worker cannot start, throws, or ends by itself. */
  listen(received: (message: WorkerMessage) => void, failed: (reason: string) => void): void
  /** Whether the process should stay alive for it. Browsers know no such thing. */
  keepAlive(yes: boolean): void
  terminate(): Promise<unknown>
}

interface NodeWorker {
  postMessage(message: object): void
  on(event: string, listener: (value: never) => void): void
  ref(): void
  unref(): void
  terminate(): Promise<number>
}

function getBuiltin(name: string): any {
  return globalThis.process?.getBuiltinModule?.(name)
}

/** Threads that can run at once. */
export function availableThreads(): number {
  return getBuiltin('node:os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
}

/** Why memory cannot be shared between threads here; undefined if it can. */
export function sharedMemoryBlocker(): string | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return 'there is no SharedArrayBuffer here'
  if (globalThis.crossOriginIsolated === false) return 'the page is not cross-origin isolated'
  return undefined
}

/** Starts a worker. Throws what the host throws. */
export function startThread(createWorker?: () => object): WorkerThread {
  const threads = getBuiltin('node:worker_threads')
  if (threads)
    return wrapNodeWorker(
      (createWorker?.() ?? new threads.Worker(workerSource, { eval: true })) as NodeWorker,
    )
  return wrapWebWorker((createWorker?.() ?? createBlobWorker()) as Worker)
}

function wrapNodeWorker(worker: NodeWorker): WorkerThread {
  return {
    post: (message) => worker.postMessage(message),
    listen(received, failed) {
      worker.on('message', received)
      worker.on('error', (error: Error) => failed(error.message))
      worker.on('exit', (code: number) => failed(`it ended with code ${code}`))
      worker.unref() // after the listeners, each of which would keep the process alive again
    },
    keepAlive: (yes) => (yes ? worker.ref() : worker.unref()),
    terminate: () => worker.terminate(),
  }
}

function wrapWebWorker(worker: Worker): WorkerThread {
  return {
    post: (message) => worker.postMessage(message),
    listen(received, failed) {
      worker.addEventListener('message', ({ data }) => received(data))
      worker.addEventListener('messageerror', () => failed('a message could not be read'))
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        failed(event.message || 'its script could not be loaded')
      })
    },
    keepAlive: () => {},
    terminate: async () => worker.terminate(),
  }
}

function createBlobWorker(): Worker {
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  try {
    return new Worker(url, { type: 'module' })
  } finally {
    setTimeout(() => URL.revokeObjectURL(url), 60_000) // when it has surely been read
  }
}

/** Lets the host run what waits: messages, timers, an abort. */
export function yieldToHost(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof globalThis.setImmediate === 'function') globalThis.setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}
