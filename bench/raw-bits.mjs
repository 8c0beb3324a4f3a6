/** The raw draws of both backends, below the API of the engine. */

import { readFileSync } from 'node:fs'
import { JsBackend } from '../dist/engine/js-backend.js'
import { createMemory } from '../dist/engine/kernel-instance.js'
import { WasmBackend } from '../dist/engine/wasm-backend.js'
import { deriveKey } from '../dist/rng/stream.js'

export async function createRawBitCases(size) {
  const module = await WebAssembly.compile(readFileSync('build/kernel.wasm'))
  const wasm = new WasmBackend({ module, memory: createMemory(2 ** 20, 0) })
  const js = new JsBackend(2 ** 20)
  const job = { key: deriveKey(1, 'bench'), transform: { kind: 'bits' }, dtype: 'f32' }
  const target = new Float32Array(size)
  return {
    js: () => js.fill({ job, target, targetOffset: 0, first: 0, count: size }),
    wasm: () => wasm.fill({ job, target, targetOffset: 0, first: 0, count: size }),
    target: () => new Uint32Array(target.buffer),
  }
}
