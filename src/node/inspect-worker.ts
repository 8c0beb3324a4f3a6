/**
 * The worker thread of `inspect-worker-client.ts`, with kernels and open files of its own. scripts/build.mjs bundles it
 * into one string, so that it starts quickly and survives any bundler.
 *
 *   receives  TensorBatch
 *   sends     { bytes } from time to time: the bytes scanned since the last message; then { bytes, scans }
 *
 * An error ends the thread; the client's thread then scans the batch again.
 */

import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { TensorScan } from '../inspect/scan-tensor.ts'
import { LocalScanner, type TensorBatch } from '../inspect/scanner.ts'
import { WasmStatsBackend } from '../inspect/wasm-stats.ts'
import { openFileSource } from './file-source.ts'

export interface InspectWorkerData {
  readonly kernels: WebAssembly.Module
  /** Paths of the files; a batch refers to them by index. */
  readonly paths: readonly string[]
  /** Number of layers of the model, if known. */
  readonly layers?: number
}

export interface InspectWorkerMessage {
  readonly bytes: number
  readonly scans?: readonly TensorScan[]
}

/** Bytes between two progress messages. */
const REPORT_INTERVAL_BYTES = 2 ** 23

const { kernels, paths, layers } = workerData as InspectWorkerData

let unreportedBytes = 0
function report(scans?: readonly TensorScan[]): void {
  const message: InspectWorkerMessage = { bytes: unreportedBytes, scans }
  unreportedBytes = 0
  parentPort?.postMessage(message)
}

const files = paths.map((path) => ({ name: path, source: openFileSource(path) }))
const scanner = new LocalScanner(files, {
  statsBackend: new WasmStatsBackend(kernels),
  createHash: () => createHash('sha256'),
  layers,
  onBytes(bytes: number) {
    unreportedBytes += bytes
    if (unreportedBytes > REPORT_INTERVAL_BYTES) report()
  },
})

parentPort?.on('message', async (batch: TensorBatch) => {
  report(await scanner.scan(batch))
})
