/**
 * A thread that looks at tensors beside the one that asks (`beside.ts`): its own kernels, its own open file. Made by
 * scripts/build.mjs into one text, so that it starts at once and from any bundle.
 *
 *   Stretch -> { bytes } now and then, which have been looked at, and at last { bytes, looks }
 *
 * What goes wrong ends the thread; its stretch is then looked at again by the one that asks.
 */

import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { Look } from '../inspect/look.ts'
import { LookerHere, type Stretch } from '../inspect/lookers.ts'
import { WasmPasses } from '../inspect/wasm.ts'
import { onDisk } from './on-disk.ts'

/** Bytes that are worth a message. */
const WORTH_SAYING = 2 ** 23

const { kernels, paths, layers } = workerData as {
  kernels: WebAssembly.Module
  paths: readonly string[]
  layers: number | undefined
}

const means = {
  passes: new WasmPasses(kernels),
  hash: () => createHash('sha256'),
  layers,
  onBytes(some: number) {
    if ((bytes += some) > WORTH_SAYING) say({})
  },
}
let bytes = 0
function say(more: { looks?: readonly Look[] }): void {
  parentPort?.postMessage({ bytes, ...more })
  bytes = 0
}

const files = paths.map((path) => ({ name: path, source: onDisk(path) }))
const looker = new LookerHere(files, means)
parentPort?.on('message', async (stretch: Stretch) => {
  say({ looks: await looker.look(stretch) })
})
