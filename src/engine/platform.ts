/** The differences between Node and browsers: threads, workers, and yielding to the event loop. */

import { workerSource } from './worker.generated.ts'

/** A Worker of browsers, Deno and Bun, reduced to what an engine needs. */
export interface WebWorkerLike {
  /**
   * Sends a message to the worker.
   * @param message Any value that can be cloned.
   */
  postMessage(message: any): void
  /**
   * Adds a listener.
   * @param type 'message', 'messageerror' or 'error'.
   * @param listener Called with the event.
   */
  addEventListener(type: string, listener: (event: any) => void): void
  /** Ends the worker. */
  terminate(): void
}

/** A Worker of node:worker_threads, reduced to what an engine needs. */
export interface NodeWorkerLike {
  /**
   * Sends a message to the worker.
   * @param message Any value that can be cloned.
   */
  postMessage(message: any): void
  /**
   * Adds a listener.
   * @param event 'message', 'error' or 'exit'.
   * @param listener Called with the message, the error or the exit code.
   * @returns Anything.
   */
  on(event: string, listener: (value: any) => void): unknown
  /** Keeps the process alive while the worker runs. */
  ref(): void
  /** Lets the process end although the worker runs. */
  unref(): void
  /**
   * Ends the worker.
   * @returns A promise that resolves when it has ended.
   */
  terminate(): Promise<unknown>
}

/** A message of a worker (`worker-pool.ts` has the protocol). */
export interface WorkerMessage {
  readonly type: string
  readonly id?: number
  readonly steps?: number
  readonly reason?: string
}

/** A worker of either platform. */
export interface WorkerThread {
  post(message: object): void
  /** To be called once. `onFailure` is called when the worker cannot start, throws, or exits by itself. */
  listen(onMessage: (message: WorkerMessage) => void, onFailure: (reason: string) => void): void
  /** Whether the worker keeps the process alive. Has no effect in browsers. */
  keepAlive(yes: boolean): void
  terminate(): Promise<unknown>
}

function getBuiltin(name: string): any {
  return globalThis.process?.getBuiltinModule?.(name)
}

/** The number of threads that can run at once. */
export function availableThreads(): number {
  return getBuiltin('node:os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
}

/**
 * Whether the address space has a limit below 64 GiB, as by `ulimit -v`. A memory of WebAssembly takes 10 GiB of it, and
 * V8 ends the process if there is not enough left for a thread.
 */
export function isAddressSpaceLimited(): boolean {
  if ('Deno' in globalThis) return false // it would ask the user for the permission to read
  try {
    const limits: string = getBuiltin('node:fs').readFileSync('/proc/self/limits', 'utf8')
    return Number(/address space +(\d+)/.exec(limits)?.[1]) < 2 ** 36
  } catch {
    return false
  }
}

/** Why other threads cannot help here; undefined if they can. */
export function threadBlocker(): string | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return 'there is no SharedArrayBuffer here'
  if (globalThis.crossOriginIsolated === false) return 'the page is not cross-origin isolated'
  if (isAddressSpaceLimited()) return 'the address space is limited'
  return undefined
}

/** Starts a worker. Throws what the platform throws. */
export function startThread(createWorker?: () => WebWorkerLike | NodeWorkerLike): WorkerThread {
  const threads = getBuiltin('node:worker_threads')
  if (threads) {
    const worker = createWorker?.() ?? new threads.Worker(workerSource, { eval: true })
    return wrapNodeWorker(worker as NodeWorkerLike)
  }
  return wrapWebWorker((createWorker?.() ?? createBlobWorker()) as WebWorkerLike)
}

function wrapNodeWorker(worker: NodeWorkerLike): WorkerThread {
  return {
    post: (message) => worker.postMessage(message),
    listen(onMessage, onFailure) {
      worker.on('message', onMessage)
      worker.on('error', (error: Error) => onFailure(error.message))
      worker.on('exit', (code: number) => onFailure(`it ended with code ${code}`))
      worker.unref() // after the listeners, each of which would keep the process alive again
    },
    keepAlive: (yes) => (yes ? worker.ref() : worker.unref()),
    terminate: async () => worker.terminate(),
  }
}

function wrapWebWorker(worker: WebWorkerLike): WorkerThread {
  return {
    post: (message) => worker.postMessage(message),
    listen(onMessage, onFailure) {
      worker.addEventListener('message', ({ data }) => onMessage(data))
      worker.addEventListener('messageerror', () => onFailure('a message could not be read'))
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        onFailure(event.message || 'its script could not be loaded')
      })
    },
    keepAlive: () => {},
    terminate: async () => worker.terminate(),
  }
}

/** Milliseconds after which a worker has surely read its script. */
const SCRIPT_LIFETIME_MS = 60_000

function createBlobWorker(): Worker {
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  try {
    return new Worker(url, { type: 'module' })
  } finally {
    setTimeout(() => URL.revokeObjectURL(url), SCRIPT_LIFETIME_MS)
  }
}

/** Lets the event loop run what is waiting: messages, timers, an abort. */
export function yieldToHost(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof globalThis.setImmediate === 'function') globalThis.setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}
