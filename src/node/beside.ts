/** Threads that look at tensors beside this one. What they see is the same; if one fails, this one does its work. */

import { Worker } from 'node:worker_threads'
import type { Look } from '../inspect/look.ts'
import type { Looker, Stretch } from '../inspect/lookers.ts'
import { threadSource } from './inspect-thread.generated.ts'

export interface LookerOptions {
  readonly kernels: WebAssembly.Module
  /** Of the files, in their order. */
  readonly paths: readonly string[]
  readonly layers?: number
  /** May throw, which ends the work. */
  readonly onBytes: (bytes: number) => void
}

/** One thread. */
export class LookerBeside implements Looker {
  private readonly worker: Worker
  private waiting: { settle: (looks: readonly Look[]) => void; fail: (error: unknown) => void } | undefined
  private failure: unknown

  constructor({ kernels, paths, layers, onBytes }: LookerOptions) {
    this.worker = new Worker(threadSource, { eval: true, workerData: { kernels, paths, layers } })
    this.worker.on('message', ({ bytes, looks }: { bytes: number; looks?: readonly Look[] }) => {
      try {
        onBytes(bytes)
      } catch (error) {
        this.fail(error)
      }
      if (looks) this.waiting?.settle(looks)
    })
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () => this.fail(new Error('the thread has ended')))
  }

  look(stretch: Stretch): Promise<readonly Look[]> {
    return new Promise((settle, fail) => {
      this.waiting = { settle, fail }
      if (this.failure !== undefined) return fail(this.failure)
      this.worker.postMessage(stretch)
    })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }

  private fail(error: unknown): void {
    this.failure ??= error
    this.waiting?.fail(error)
  }
}
