/** SHA-256 digests in hexadecimal. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

const READ_CHUNK_BYTES = 2 ** 20

/** Hashes a file. `onBytes` may throw to stop. */
export async function digestFile(path: string, onBytes: (bytes: number) => void = () => {}): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: READ_CHUNK_BYTES })) {
    hash.update(chunk as Buffer)
    onBytes((chunk as Buffer).length)
  }
  return hash.digest('hex')
}

/** Hashes a text, or chunks of one. */
export function digestText(text: string | Iterable<string>): string {
  const hash = createHash('sha256')
  for (const chunk of typeof text === 'string' ? [text] : text) hash.update(chunk)
  return hash.digest('hex')
}
