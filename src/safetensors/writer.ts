/** A streaming writer of safetensors files: chunks of any size, to any sink. */

import { checkByteOrder } from '../numeric/byte-order.ts'
import { createRangeError } from '../errors/simdinit-error.ts'
import { encodeHeader, type FileLayout } from './encode-header.ts'

/** Writes all of `bytes` at the offset `position` of the file, or throws. */
export type Sink = (bytes: Uint8Array, position: number) => void | Promise<void>

/**
 * Writes a file: the header, then the data. The next chunk is generated while the previous one is written, and only
 * one write is pending at a time, so that a producer can alternate between two buffers.
 * @param layout From `layoutFile`, or a file of a plan.
 * @param data The bytes after the header in order, in chunks of any size, such as from `generateChunks`.
 * @param sink Called for the header and for each chunk.
 * @returns A promise that resolves after the last write. No write is pending after it settles.
 * @throws {RangeError} If `data` is shorter or longer than the layout. Errors of `data` and `sink` pass through.
 * @example
 * import { layoutFile, writeSafetensors } from 'simdinit/safetensors'
 *
 * const layout = layoutFile([{ name: 'a', dtype: 'f32', shape: [2] }])
 * const file = new Uint8Array(layout.bytes)
 * const values = new Uint8Array(Float32Array.of(1, 2).buffer)
 * await writeSafetensors(layout, [values], (bytes, position) => file.set(bytes, position))
 * console.log(new Float32Array(file.slice(layout.headerBytes).buffer)) // Float32Array(2) [ 1, 2 ]
 */
export async function writeSafetensors(
  layout: FileLayout,
  data: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sink: Sink,
): Promise<void> {
  checkByteOrder()
  await sink(encodeHeader(layout), 0)
  let position = layout.headerBytes
  let pendingWrite = Promise.resolve()
  try {
    for await (const chunk of data) {
      await pendingWrite
      if (position + chunk.length > layout.bytes)
        throw createRangeError(`"data" must end at byte ${layout.bytes} of the file; received more`)
      pendingWrite = Promise.resolve(sink(chunk, position))
      pendingWrite.catch(() => {}) // rethrown where it is awaited
      position += chunk.length
    }
  } finally {
    await pendingWrite // no write may outlive this function
  }
  if (position < layout.bytes) {
    throw createRangeError(`"data" must end at byte ${layout.bytes} of the file; received ${position}`)
  }
}
