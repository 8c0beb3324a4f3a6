/** Threads that look at tensors beside this one. What they see is the same; if one fails, this one does its work. */

import { Worker } from 'node:worker_threads'
import type { TensorScan } from '../inspect/scan-tensor.ts'
import type { Scanner, TensorBatch } from '../inspect/scanner.ts'
import { threadSource } from './inspect-worker.generated.ts'

export interface WorkerScannerOptions {
  readonly kernels: WebAssembly.Module
  /** Of the files, in their order. */
  readonly paths: readonly string[]
  readonly layers?: number
  /** May throw, which ends the work. */
  readonly onBytes: (bytes: number) => void
}

/** One thread. */
export class WorkerScanner implements Scanner {
  private readonly worker: Worker
  private pending:
    | { settle: (looks: readonly TensorScan[]) => void; fail: (error: unknown) => void }
    | undefined
  private failure: unknown

  constructor({ kernels, paths, layers, onBytes }: WorkerScannerOptions) {
    this.worker = new Worker(threadSource, { eval: true, workerData: { kernels, paths, layers } })
    this.worker.on('message', ({ bytes, looks }: { bytes: number; looks?: readonly TensorScan[] }) => {
      try {
        onBytes(bytes)
      } catch (error) {
        this.fail(error)
      }
      if (looks) this.pending?.settle(looks)
    })
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () => this.fail(new Error('the thread has ended')))
  }

  scan(stretch: TensorBatch): Promise<readonly TensorScan[]> {
    return new Promise((settle, fail) => {
      this.pending = { settle, fail }
      if (this.failure !== undefined) return fail(this.failure)
      this.worker.postMessage(stretch)
    })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }

  private fail(error: unknown): void {
    this.failure ??= error
    this.pending?.fail(error)
  }
}
