/**
 * The worker thread of `inspect-worker-client.ts`, with its own kernels and its own open file. scripts/build.mjs
 * bundles it into a string, so that it starts quickly and works from any bundle.
 *
 *   TensorBatch -> { bytes } at intervals, the bytes scanned since the last message, and finally { bytes, scans }
 *
 * An error ends the thread.
 */

import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { TensorScan } from '../inspect/scan-tensor.ts'
import { LocalScanner, type TensorBatch } from '../inspect/scanner.ts'
import { WasmStatsBackend } from '../inspect/wasm-stats.ts'
import { openFileSource } from './file-source.ts'

/** Progress is reported after this many bytes. */
const REPORT_INTERVAL_BYTES = 2 ** 23

const { kernels, paths, layers } = workerData as {
  kernels: WebAssembly.Module
  paths: readonly string[]
  layers: number | undefined
}

const scanContext = {
  statsBackend: new WasmStatsBackend(kernels),
  hash: () => createHash('sha256'),
  layers,
  onBytes(count: number) {
    if ((bytes += count) > REPORT_INTERVAL_BYTES) postReport({})
  },
}
let bytes = 0
function postReport(result: { scans?: readonly TensorScan[] }): void {
  parentPort?.postMessage({ bytes, ...result })
  bytes = 0
}

const files = paths.map((path) => ({ name: path, source: openFileSource(path) }))
const scanner = new LocalScanner(files, scanContext)
parentPort?.on('message', async (batch: TensorBatch) => {
  postReport({ scans: await scanner.scan(batch) })
})
