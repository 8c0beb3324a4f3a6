/**
 * A file on the disk as a source of bytes. It is read at once, while the caller waits: that is sooner than asking
 * another thread for it, in the page cache and out of it (docs/decisions/0012-inspect.md).
 */

import { FormatError } from '../errors/simdinit-error.ts'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { yieldToHost } from '../engine/platform.ts'
import type { FileSource } from '../inspect/inspection-records.ts'

/** Milliseconds without a turn for signals and progress. */
const MAX_BLOCKING_MS = 20

/** Opens it when it is first read. Throws what the system throws, and a FormatError if the file becomes shorter. */
export function openFileSource(path: string): FileSource {
  const { size } = statSync(path)
  let file: number | undefined
  let lastYield = performance.now()
  return {
    size,
    isBlocking: true,
    async read(position, length, room = new Uint8Array(length)) {
      if (performance.now() - lastYield > MAX_BLOCKING_MS) {
        await yieldToHost()
        lastYield = performance.now()
      }
      file ??= openSync(path, 'r')
      for (let done = 0; done < length;) {
        const some = readSync(file, room, done, length - done, position + done)
        if (some === 0) throw new FormatError('it became shorter while it was read')
        done += some
      }
      return room.subarray(0, length)
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}
