/** Any header: the reader rejects it with a reason, or its result is true of the file and agrees with JSON.parse. */

import assert from 'node:assert/strict'
import { FormatError, readHeader } from '../../../dist/safetensors/index.js'

/** The first byte is the length of the data, the rest is the header. */
export async function fuzz(input) {
  if (input.length === 0) return
  const json = input.subarray(1)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(json.length))
  const file = Buffer.concat([prefix, json, Buffer.alloc(input[0])])
  const source = { size: file.length, read: (at, length) => file.subarray(at, at + length) }
  let found
  try {
    found = await readHeader(source)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return
  }
  const { __metadata__: metadata, ...parsed } = JSON.parse(json.toString())
  const tensors = [...found.tensors]
  assert.equal(found.tensors.length, tensors.length)
  assert.deepEqual(tensors.map(({ name }) => name).toSorted(), Object.keys(parsed).toSorted())
  assert.deepEqual(Object.keys(found.metadata).toSorted(), Object.keys(metadata ?? {}).toSorted())
  let at = 0
  for (const { begin, end } of tensors) {
    assert.equal(begin, at)
    assert.ok(end >= begin)
    at = end
  }
  assert.equal(found.headerBytes + at, file.length)
}
