/** Compares a file with the bytes it should have, which are made again as they are needed. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { FORMATS } from '../numeric/dtypes.ts'
import type { Engine, Seed } from '../index.ts'
import { generateChunks, iterateFills, lendBuffers, type FillableTensor } from '../models/generate-chunks.ts'
import { encodeHeader, type FileLayout, type PlacedTensor } from '../safetensors/index.ts'
import { BLOCK_SIZE } from '../rng/stream.ts'

export interface Mismatch {
  /** The tensor whose bytes differ; undefined for the header or the length of the file. */
  readonly tensor?: string
  /** Index of the first element that differs. */
  readonly element?: number
  readonly reason: string
}

/**
 * Where the file at `path` differs from what `layout` and `seed` say, at most one entry for each tensor, and
 * the SHA-256 of what is there (undefined if it has another length or header). `onBytes` may throw to stop.
 */
export async function compareFile<T extends FillableTensor>(
  engine: Engine,
  path: string,
  layout: FileLayout<T>,
  seed: Seed,
  onBytes: (bytes: number) => void = () => {},
): Promise<{ differences: Mismatch[]; digest?: string }> {
  const file = await open(path, 'r')
  const buffers = lendBuffers(engine)
  try {
    const headerMismatch = await compareHeader(file, layout)
    if (headerMismatch) return { differences: [headerMismatch] }
    onBytes(layout.headerBytes)
    const hash = createHash('sha256').update(encodeHeader(layout))
    const found = new Map<string, Mismatch>()
    for await (const { bytes, position, parts } of generateChunks(engine, layout, seed, buffers)) {
      const present = await readAt(file, position, bytes.length)
      hash.update(present)
      if (!present.equals(bytes)) {
        for (const { tensor, elementOffset, data } of parts) {
          const at = data.byteOffset - bytes.byteOffset
          const span = [at, at + data.byteLength] as const
          const byte = findFirstDifference(bytes.subarray(...span), present.subarray(...span))
          if (byte < 0 || found.has(tensor.name)) continue
          found.set(
            tensor.name,
            createMismatch(tensor.name, elementOffset + Math.floor(byte / FORMATS[tensor.dtype].bytes)),
          )
        }
      }
      onBytes(bytes.length)
    }
    return { differences: [...found.values()], digest: hash.digest('hex') }
  } finally {
    for (const buffer of buffers) buffer.release()
    await file.close()
  }
}

/** As `compareFile`, but looks only at the blocks of the stream in which `places`, bytes of the data, are. */
export async function compareSample<T extends FillableTensor>(
  engine: Engine,
  path: string,
  layout: FileLayout<T>,
  seed: Seed,
  offsets: readonly number[],
  onBytes: (bytes: number) => void,
): Promise<Mismatch[]> {
  const file = await open(path, 'r')
  try {
    const headerMismatch = await compareHeader(file, layout)
    if (headerMismatch) return [headerMismatch]
    for (const at of offsets) {
      const tensor = findTensorAt(layout, at)
      const { bytes, arrayType } = FORMATS[tensor.dtype]
      const elements = (tensor.end - tensor.begin) / bytes
      const first = Math.floor((at - tensor.begin) / bytes / BLOCK_SIZE) * BLOCK_SIZE
      const data = new arrayType(Math.min(BLOCK_SIZE, elements - first))
      for (const fill of iterateFills(tensor, seed, first, data)) engine.fillSync(...fill)
      const position = layout.headerBytes + tensor.begin + first * bytes
      const present = await readAt(file, position, data.byteLength)
      const element = findFirstDifference(new Uint8Array(data.buffer), present)
      if (element >= 0) return [createMismatch(tensor.name, first + Math.floor(element / bytes))]
      onBytes(data.byteLength)
    }
    return []
  } finally {
    await file.close()
  }
}

/** The tensor that a byte of the data belongs to. */
function findTensorAt<T extends FillableTensor>({ tensors }: FileLayout<T>, at: number): PlacedTensor<T> {
  let [low, high] = [0, tensors.length - 1] // the first that ends beyond it
  while (low < high) {
    const middle = (low + high) >> 1
    if (tensors[middle].end > at) high = middle
    else low = middle + 1
  }
  return tensors[low]
}

/** Looks at what surrounds the data: the length of the file and its header. */
async function compareHeader(file: FileHandle, layout: FileLayout): Promise<Mismatch | undefined> {
  const { size } = await file.stat()
  if (size !== layout.bytes) return { reason: `it has ${size} bytes instead of ${layout.bytes}` }
  const present = await readAt(file, 0, layout.headerBytes)
  return present.equals(encodeHeader(layout))
    ? undefined
    : { reason: 'its header is not the one that was planned' }
}

function createMismatch(tensor: string, element: number): Mismatch {
  return { tensor, element, reason: `${tensor} differs from element ${element} on` }
}

/** Index of the first byte that is not the same, or -1. */
function findFirstDifference(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b) === 0 ? -1 : a.findIndex((byte, i) => byte !== b[i])
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done)
    if (bytesRead === 0) break // shorter than it was a moment ago: the rest compares as zeros
    done += bytesRead
  }
  return buffer
}

/** SHA-256 of a file, in hex. */
export async function digestFile(path: string, onBytes: (bytes: number) => void = () => {}): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(piece as Buffer)
    onBytes((piece as Buffer).length)
  }
  return hash.digest('hex')
}

/** SHA-256 of a text, or of its lines, in hex. */
export function digestText(text: string | Iterable<string>): string {
  const hash = createHash('sha256')
  for (const line of typeof text === 'string' ? [text] : text) hash.update(line)
  return hash.digest('hex')
}
