/** What differs between Node and browsers: cores, workers, and letting others run. */

import { workerSource } from './worker.generated.ts'

/** What a worker says (`pool.ts` has the protocol). */
export interface Message {
  readonly type: string
  readonly id?: number
  readonly steps?: number
  readonly reason?: string
}

/** A worker, whoever runs it. Listeners are set once, at the start. */
export interface Thread {
  post(message: object): void
  /** `failed` is called when the worker cannot start, throws, or ends by itself. */
  listen(received: (message: Message) => void, failed: (reason: string) => void): void
  /** Whether the process should stay alive for it. Browsers know no such thing. */
  keepAlive(yes: boolean): void
  end(): Promise<unknown>
}

interface NodeWorker {
  postMessage(message: object): void
  on(event: string, listener: (value: never) => void): void
  ref(): void
  unref(): void
  terminate(): Promise<number>
}

function builtin(name: string): any {
  return globalThis.process?.getBuiltinModule?.(name)
}

/** Threads that can run at once. */
export function cores(): number {
  return builtin('node:os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
}

/** Why memory cannot be shared between threads here; undefined if it can. */
export function whyNotShared(): string | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return 'there is no SharedArrayBuffer here'
  if (globalThis.crossOriginIsolated === false) return 'the page is not cross-origin isolated'
  return undefined
}

/** Starts a worker. Throws what the host throws. */
export function startThread(make?: () => object): Thread {
  const threads = builtin('node:worker_threads')
  if (threads) return nodeThread((make?.() ?? new threads.Worker(workerSource, { eval: true })) as NodeWorker)
  return webThread((make?.() ?? blobWorker()) as Worker)
}

function nodeThread(worker: NodeWorker): Thread {
  return {
    post: (message) => worker.postMessage(message),
    listen(received, failed) {
      worker.on('message', received)
      worker.on('error', (error: Error) => failed(error.message))
      worker.on('exit', (code: number) => failed(`it ended with code ${code}`))
      worker.unref() // after the listeners, each of which would keep the process alive again
    },
    keepAlive: (yes) => (yes ? worker.ref() : worker.unref()),
    end: () => worker.terminate(),
  }
}

function webThread(worker: Worker): Thread {
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
    end: async () => worker.terminate(),
  }
}

function blobWorker(): Worker {
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  try {
    return new Worker(url, { type: 'module' })
  } finally {
    setTimeout(() => URL.revokeObjectURL(url), 60_000) // when it has surely been read
  }
}

/** Lets the host run what waits: messages, timers, an abort. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof globalThis.setImmediate === 'function') globalThis.setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}
