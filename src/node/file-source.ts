/**
 * A file on the disk as a source of bytes for inspection. It is read synchronously, which is faster than asking a
 * thread pool, whether the file is in the page cache or not (docs/decisions/0012-inspect.md).
 */

import { FormatError } from '../errors/simdinit-error.ts'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { yieldToHost } from '../engine/platform.ts'
import type { FileSource } from '../inspect/inspection-records.ts'

/** After this long without an interruption a read lets signals and progress be handled. */
const MAX_BLOCKING_MS = 20

/** Opens the file at the first read. Throws system errors, and a FormatError if the file is truncated meanwhile. */
export function openFileSource(path: string): FileSource {
  const { size } = statSync(path)
  let file: number | undefined
  let lastYield = performance.now()
  return {
    size,
    isBlocking: true,
    async read(position, length, buffer = new Uint8Array(length)) {
      if (performance.now() - lastYield > MAX_BLOCKING_MS) {
        await yieldToHost()
        lastYield = performance.now()
      }
      file ??= openSync(path, 'r')
      for (let done = 0; done < length;) {
        const bytesRead = readSync(file, buffer, done, length - done, position + done)
        if (bytesRead === 0) throw new FormatError('the file was truncated while it was read')
        done += bytesRead
      }
      return buffer.subarray(0, length)
    },
    close() {
      const open = file
      file = undefined // even if closing fails
      if (open !== undefined) closeSync(open)
    },
  }
}
