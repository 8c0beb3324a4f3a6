/** Raw bits of both engines, below the engine's API: draws as they leave the generator. */

import { readFileSync } from 'node:fs'
import { JsBackend } from '../dist/engine/js.js'
import { WasmBackend } from '../dist/engine/wasm.js'
import { keyOf } from '../dist/stream.js'

export async function bits(size) {
  const module = await WebAssembly.compile(readFileSync('build/kernel.wasm'))
  const wasm = new WasmBackend({ module, bytes: 2 ** 20 })
  const js = new JsBackend(2 ** 20)
  const job = { key: keyOf(1, 'bench'), map: { kind: 'bits' }, dtype: 'f32' }
  const target = new Float32Array(size)
  return {
    js: () => js.fill({ job, target, at: 0, first: 0, count: size }),
    wasm: () => wasm.fill({ job, target, at: 0, first: 0, count: size }),
    target: () => new Uint32Array(target.buffer),
  }
}
