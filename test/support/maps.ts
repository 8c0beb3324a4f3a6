/** The maps of both engines alone, on draws that a test chooses. */

import { decode, FORMATS, type Dtype } from '../../src/dtypes.ts'
import { JsBackend } from '../../src/engine/js.ts'
import { WasmBackend } from '../../src/engine/wasm.ts'
import type { DrawnMap } from '../../src/maps.ts'
import { module } from './kernel.ts'

export const wasm = new WasmBackend({ module, bytes: 2 ** 20 })
export const js = new JsBackend(2 ** 20)
const CHUNK = 8192

/** What an engine makes of draws, as it stores it. */
export function mapped(backend: WasmBackend | JsBackend, map: DrawnMap, dtype: Dtype, draws: Int32Array) {
  const job = { key: new Uint32Array(8), map, dtype }
  const target = new FORMATS[dtype].array(draws.length)
  for (let at = 0; at < draws.length; at += CHUNK) {
    backend.mapDraws(job, draws.subarray(at, at + CHUNK), target, at)
  }
  return target
}

/** The same as numbers. */
export function valuesOf(backend: WasmBackend | JsBackend, map: DrawnMap, dtype: Dtype, draws: Int32Array) {
  return Float64Array.from(mapped(backend, map, dtype, draws), (x) =>
    dtype === 'f32' ? x : decode(dtype, x),
  )
}
