/** SHA-256 digests in hexadecimal. */

import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createTruncationError } from './read-file.ts'
import { nameFile } from './system-error.ts'

const READ_CHUNK_BYTES = 2 ** 20

/**
 * Hashes a file. `onBytes` may throw to stop. Throws an InputError if the file ends before its size; system errors name
 * the path.
 */
export async function digestFile(path: string, onBytes: (bytes: number) => void = () => {}): Promise<string> {
  const hash = createHash('sha256')
  try {
    let left = statSync(path).size
    for await (const chunk of createReadStream(path, { highWaterMark: READ_CHUNK_BYTES })) {
      hash.update(chunk as Buffer)
      left -= (chunk as Buffer).length
      onBytes((chunk as Buffer).length)
    }
    if (left > 0) throw createTruncationError(path)
  } catch (error) {
    throw nameFile(path, error)
  }
  return hash.digest('hex')
}

/** Hashes a text, or chunks of one. */
export function digestText(text: string | Iterable<string>): string {
  const hash = createHash('sha256')
  for (const chunk of typeof text === 'string' ? [text] : text) hash.update(chunk)
  return hash.digest('hex')
}
