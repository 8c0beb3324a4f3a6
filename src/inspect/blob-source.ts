/** Reads the bytes of a File or Blob on demand. */

import { throwTypeError } from '../errors/validate.ts'
import type { FileSource } from './inspection-records.ts'

/** The part of Blob that is used here, so that these types also work without the DOM library. */
interface BlobLike {
  readonly size: number
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

/**
 * A source for `inspectFiles` that reads a File or Blob piece by piece and holds nothing between reads.
 *
 * @param blob A Blob, or a File from an `<input type="file">` or a drop.
 * @returns A source of `blob.size` bytes. Its `read` rejects as the Blob does, for example with a NotReadableError if
 *   the file has changed on disk.
 * @throws TypeError (`ERR_INVALID_TYPE`) if the argument is not a Blob.
 * @example
 * import { createBlobSource } from 'simdinit/inspect'
 *
 * const source = createBlobSource(new Blob([Uint8Array.of(1, 2, 3, 4)]))
 * console.log(source.size) // 4
 * console.log(await source.read(1, 2)) // Uint8Array(2) [ 2, 3 ]
 */
export function createBlobSource(blob: BlobLike): FileSource {
  if (typeof blob?.slice !== 'function' || typeof blob.size !== 'number') {
    throwTypeError('blob', 'a Blob or File', blob)
  }
  return {
    size: blob.size,
    read: async (position, length) =>
      new Uint8Array(await blob.slice(position, position + length).arrayBuffer()),
  }
}
