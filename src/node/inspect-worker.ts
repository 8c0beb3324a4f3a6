/**
 * A thread that looks at tensors beside the one that asks (`inspect-worker-client.ts`): its own kernels, its own open file. Made by
 * scripts/build.mjs into one text, so that it starts at once and from any bundle.
 *
 *   Stretch -> { bytes } now and then, which have been looked at, and at last { bytes, looks }
 *
 * What goes wrong ends the thread; its stretch is then looked at again by the one that asks.
 */

import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { TensorScan } from '../inspect/scan-tensor.ts'
import { LocalScanner, type TensorBatch } from '../inspect/scanner.ts'
import { WasmStatsBackend } from '../inspect/wasm-stats.ts'
import { openFileSource } from './file-source.ts'

/** Bytes that are worth a message. */
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
  onBytes(some: number) {
    if ((bytes += some) > REPORT_INTERVAL_BYTES) postReport({})
  },
}
let bytes = 0
function postReport(more: { looks?: readonly TensorScan[] }): void {
  parentPort?.postMessage({ bytes, ...more })
  bytes = 0
}

const files = paths.map((path) => ({ name: path, source: openFileSource(path) }))
const scanner = new LocalScanner(files, scanContext)
parentPort?.on('message', async (stretch: TensorBatch) => {
  postReport({ looks: await scanner.scan(stretch) })
})
