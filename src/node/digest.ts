/** SHA-256 digests in hexadecimal. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createTruncationError, openRegularFile, type OpenFile } from './read-file.ts'
import { nameFile } from './system-error.ts'

const READ_CHUNK_BYTES = 2 ** 20

/**
 * Hashes a regular file. `onBytes` may throw to stop. Throws an InputError if the file ends before its size; system errors name
 * the path.
 */
export async function digestFile(path: string, onBytes: (bytes: number) => void = () => {}): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of readChunks(path, openRegularFile(path))) {
      hash.update(chunk)
      onBytes(chunk.length)
    }
  } catch (error) {
    throw nameFile(path, error)
  }
  return hash.digest('hex')
}

/** Reads an open file to its end, and closes it. Throws an InputError if it ends before its size. */
export async function* readChunks(path: string, { fd, stat }: OpenFile): AsyncGenerator<Buffer> {
  let left = stat.size
  for await (const chunk of createReadStream(path, { fd, highWaterMark: READ_CHUNK_BYTES })) {
    left -= (chunk as Buffer).length
    yield chunk as Buffer
  }
  if (left > 0) throw createTruncationError(path)
}

/** Hashes a text, or chunks of one. */
export function digestText(text: string | Iterable<string>): string {
  const hash = createHash('sha256')
  for (const chunk of typeof text === 'string' ? [text] : text) hash.update(chunk)
  return hash.digest('hex')
}
