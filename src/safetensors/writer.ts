/** A streaming writer: the header, then the data in whatever chunks it comes, to a sink that can be anything. */

import { createRangeError } from '../errors/simdinit-error.ts'
import { encodeHeader, type FileLayout } from './encode-header.ts'

/** Writes all of `bytes` at `position` of the file, or throws. */
export type Sink = (bytes: Uint8Array, position: number) => void | Promise<void>

/**
 * Writes a file. `data` yields its bytes in order; a chunk is not asked for before the one before the last has
 * been written, so that a producer with two buffers may use them in turn while the other is on its way.
 * Throws if the data is shorter or longer than the layout says.
 */
export async function writeSafetensors(
  layout: FileLayout,
  data: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sink: Sink,
): Promise<void> {
  await sink(encodeHeader(layout), 0)
  let position = layout.headerBytes
  let pendingWrite = Promise.resolve()
  try {
    for await (const chunk of data) {
      await pendingWrite
      if (position + chunk.length > layout.bytes)
        throw createRangeError('there is more data than the header says')
      pendingWrite = Promise.resolve(sink(chunk, position))
      pendingWrite.catch(() => {}) // reported where it is awaited
      position += chunk.length
    }
  } finally {
    await pendingWrite // nothing is under way any more when this function ends
  }
  if (position < layout.bytes) {
    throw createRangeError(`the data ends ${layout.bytes - position} bytes before what the header says`)
  }
}
