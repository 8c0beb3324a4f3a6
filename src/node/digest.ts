/** SHA-256 digests in hexadecimal. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { openRegularFile } from './regular-file.ts'

const READ_CHUNK_BYTES = 2 ** 20

/** Hashes a regular file. `onBytes` may throw to stop. */
export async function digestFile(path: string, onBytes: (bytes: number) => void = () => {}): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readChunks(openRegularFile(path))) {
    hash.update(chunk)
    onBytes(chunk.length)
  }
  return hash.digest('hex')
}

/** Reads an open file to its end, and closes it. */
export function readChunks(fd: number): AsyncIterable<Buffer> {
  return createReadStream('', { fd, highWaterMark: READ_CHUNK_BYTES })
}

/** Hashes a text, or chunks of one. */
export function digestText(text: string | Iterable<string>): string {
  const hash = createHash('sha256')
  for (const chunk of typeof text === 'string' ? [text] : text) hash.update(chunk)
  return hash.digest('hex')
}
