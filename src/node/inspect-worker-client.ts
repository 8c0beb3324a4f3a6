/**
 * Worker threads that scan tensors. The results do not depend on the thread; if a worker fails, the calling thread
 * scans its batch.
 */

import { Worker } from 'node:worker_threads'
import type { TensorScan } from '../inspect/scan-tensor.ts'
import type { Scanner, TensorBatch } from '../inspect/scanner.ts'
import { threadSource } from './inspect-worker.generated.ts'

export interface WorkerScannerOptions {
  readonly kernels: WebAssembly.Module
  /** The files of the checkpoint, in order. */
  readonly paths: readonly string[]
  readonly layers?: number
  /** May throw, which stops the worker. */
  readonly onBytes: (bytes: number) => void
}

/** Scans batches on one worker thread. */
export class WorkerScanner implements Scanner {
  private readonly worker: Worker
  private pending:
    | { resolve: (scans: readonly TensorScan[]) => void; reject: (error: unknown) => void }
    | undefined
  private failure: unknown

  constructor({ kernels, paths, layers, onBytes }: WorkerScannerOptions) {
    this.worker = new Worker(threadSource, { eval: true, workerData: { kernels, paths, layers } })
    this.worker.on('message', ({ bytes, scans }: { bytes: number; scans?: readonly TensorScan[] }) => {
      try {
        onBytes(bytes)
      } catch (error) {
        this.fail(error)
      }
      if (scans) this.pending?.resolve(scans)
    })
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () => this.fail(new Error('the worker has exited'))) // its batch is scanned elsewhere
  }

  scan(batch: TensorBatch): Promise<readonly TensorScan[]> {
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject }
      if (this.failure !== undefined) return reject(this.failure)
      this.worker.postMessage(batch)
    })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }

  private fail(error: unknown): void {
    this.failure ??= error
    this.pending?.reject(error)
  }
}
