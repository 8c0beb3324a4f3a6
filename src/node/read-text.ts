/** Text files in chunks. */

import { closeSync, openSync, readSync } from 'node:fs'

const READ_CHUNK_BYTES = 2 ** 20

/** Yields the text of a UTF-8 file chunk by chunk. */
export function* readTextChunks(path: string): Generator<string> {
  const file = openSync(path, 'r')
  try {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const bytes = new Uint8Array(READ_CHUNK_BYTES)
    for (;;) {
      const length = readSync(file, bytes, 0, READ_CHUNK_BYTES, null)
      yield decoder.decode(bytes.subarray(0, length), { stream: length > 0 })
      if (length === 0) return
    }
  } finally {
    closeSync(file)
  }
}
