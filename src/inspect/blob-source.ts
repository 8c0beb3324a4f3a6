/** The bytes of a File or Blob, read where they are wanted: nothing is held but what is asked for. */

import type { ByteSource } from '../safetensors/reader.ts'

/** As much of a Blob as is needed, so that these types stand with and without those of a page. */
interface BlobLike {
  readonly size: number
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

/** Throws what the page throws, when the file has changed on the disk for example. */
export function createBlobSource(blob: BlobLike): ByteSource {
  return {
    size: blob.size,
    read: async (position, length) =>
      new Uint8Array(await blob.slice(position, position + length).arrayBuffer()),
  }
}
