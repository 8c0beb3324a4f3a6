/** Scanners on worker threads. The results are the same as on this thread, which takes over if a worker fails. */

import type { Worker } from 'node:worker_threads'
import type { TensorScan } from '../inspect/scan-tensor.ts'
import type { Scanner, TensorBatch } from '../inspect/scanner.ts'
import type { InspectWorkerData, InspectWorkerMessage } from './inspect-worker.ts'
import { inspectWorkerSource } from './inspect-worker.generated.ts'
import { startWorker } from './start-worker.ts'

export interface WorkerScannerOptions extends InspectWorkerData {
  /** Called with the number of bytes scanned since the last call. May throw, which ends the scan. */
  readonly onBytes: (bytes: number) => void
}

interface PendingScan {
  resolve(scans: readonly TensorScan[]): void
  reject(error: unknown): void
}

/** One worker thread. Scans one batch at a time. */
export class WorkerScanner implements Scanner {
  private readonly worker: Worker
  private pending: PendingScan | undefined
  private failure: unknown

  /** Undefined where no worker can start. */
  static start({ onBytes, ...workerData }: WorkerScannerOptions): WorkerScanner | undefined {
    const worker = startWorker(inspectWorkerSource, workerData)
    return worker && new WorkerScanner(worker, onBytes)
  }

  private constructor(worker: Worker, onBytes: (bytes: number) => void) {
    this.worker = worker
    this.worker.on('message', ({ bytes, scans }: InspectWorkerMessage) => {
      try {
        onBytes(bytes)
      } catch (error) {
        this.fail(error)
      }
      if (scans) this.pending?.resolve(scans)
    })
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('exit', () => this.fail(new Error('the worker has exited')))
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
