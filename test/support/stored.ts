/** Tensor files composed by hand, including ones that the writer does not write or rejects. */

import { writeFileSync } from 'node:fs'
import type { StoredDtype } from '../../src/safetensors/index.ts'

export interface TensorSpec {
  readonly dtype?: StoredDtype
  readonly shape?: readonly number[]
  readonly data: ArrayBufferView
}

/** A file of these tensors, one after another. */
export function writeSafetensors(path: string, tensors: Record<string, TensorSpec>): string {
  let at = 0
  const header: Record<string, unknown> = {}
  const parts: Uint8Array[] = []
  for (const [name, { dtype = 'F32', data, shape }] of Object.entries(tensors)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const length = (data as Float32Array).length
    header[name] = { dtype, shape: shape ?? [length], data_offsets: [at, (at += bytes.length)] }
    parts.push(bytes)
  }
  const json = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(json.length))
  writeFileSync(path, Buffer.concat([prefix, json, ...parts]))
  return path
}
