/** The transforms of both engines, applied to chosen draws. */

import { decode, FORMATS, type Dtype } from '../../src/numeric/dtypes.ts'
import { JsBackend } from '../../src/engine/js-backend.ts'
import { createMemory } from '../../src/engine/kernel-instance.ts'
import { WasmBackend } from '../../src/engine/wasm-backend.ts'
import type { SampledTransform } from '../../src/distributions/transform.ts'
import { kernelModule } from './kernel.ts'

export const wasmBackend = new WasmBackend({ module: kernelModule, memory: createMemory(2 ** 20, 0) })
export const jsBackend = new JsBackend(2 ** 20)
const DRAWS_PER_CHUNK = 8192

/** The stored results of an engine's transform. */
export function applyTransform(
  backend: WasmBackend | JsBackend,
  map: SampledTransform,
  dtype: Dtype,
  draws: Int32Array,
) {
  const job = { key: new Uint32Array(8), transform: map, dtype }
  const target = new FORMATS[dtype].arrayType(draws.length)
  for (let at = 0; at < draws.length; at += DRAWS_PER_CHUNK) {
    backend.applyTransform(job, draws.subarray(at, at + DRAWS_PER_CHUNK), target, at)
  }
  return target
}

/** The results as numbers. */
export function computeValues(
  backend: WasmBackend | JsBackend,
  map: SampledTransform,
  dtype: Dtype,
  draws: Int32Array,
) {
  return Float64Array.from(applyTransform(backend, map, dtype, draws), (x) =>
    dtype === 'f32' ? x : decode(dtype, x),
  )
}
