/** Compares a file with the bytes it should have, which are generated again for the comparison. */

import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { FORMATS } from '../numeric/dtypes.ts'
import type { Engine, Seed } from '../index.ts'
import { generateChunks, iterateFills, lendBuffers, type FillableTensor } from '../models/generate-chunks.ts'
import { encodeHeader, type FileLayout, type PlacedTensor } from '../safetensors/index.ts'
import { BLOCK_SIZE } from '../rng/stream.ts'
import { createTruncationError, READ_FLAGS } from './read-file.ts'
import { nameFile } from './system-error.ts'

/** A difference between a file and what it should contain. */
export interface Mismatch {
  /** The tensor whose bytes differ; absent if the header, the size or the whole file is wrong. */
  readonly tensor?: string
  /** Index of the first element that differs, in the order of the file. */
  readonly element?: number
  /** What differs, as a phrase. */
  readonly reason: string
}

/**
 * Compares a whole file with the bytes of `layout` and `seed`. Returns at most one difference per tensor, and the
 * file's SHA-256 unless its size or header is wrong. `onBytes` may throw to stop.
 */
export async function compareFile<T extends FillableTensor>(
  engine: Engine,
  path: string,
  layout: FileLayout<T>,
  seed: Seed,
  onBytes: (bytes: number) => void = () => {},
): Promise<{ differences: Mismatch[]; digest?: string }> {
  const file = await openForReading(path)
  const buffers = lendBuffers(engine)
  try {
    const headerMismatch = await compareHeader(file, layout)
    if (headerMismatch) return { differences: [headerMismatch] }
    onBytes(layout.headerBytes)
    const hash = createHash('sha256').update(encodeHeader(layout))
    const mismatches = new Map<string, Mismatch>()
    for await (const { bytes, position, parts } of generateChunks(engine, layout, seed, buffers)) {
      const fileBytes = await file.readAt(position, bytes.length)
      hash.update(fileBytes)
      if (!fileBytes.equals(bytes)) {
        for (const { tensor, elementOffset, data } of parts) {
          const start = data.byteOffset - bytes.byteOffset
          const range = [start, start + data.byteLength] as const
          const byte = findFirstDifference(bytes.subarray(...range), fileBytes.subarray(...range))
          if (byte < 0 || mismatches.has(tensor.name)) continue
          const element = elementOffset + Math.floor(byte / FORMATS[tensor.dtype].bytes)
          mismatches.set(tensor.name, createMismatch(tensor.name, element))
        }
      }
      onBytes(bytes.length)
    }
    return { differences: [...mismatches.values()], digest: hash.digest('hex') }
  } finally {
    for (const buffer of buffers) buffer.release()
    await file.close()
  }
}

/** Compares only the blocks of the random stream that contain `offsets`, which are byte offsets in the file's data. */
export async function compareSample<T extends FillableTensor>(
  engine: Engine,
  path: string,
  layout: FileLayout<T>,
  seed: Seed,
  offsets: readonly number[],
  onBytes: (bytes: number) => void,
): Promise<Mismatch[]> {
  const file = await openForReading(path)
  try {
    const headerMismatch = await compareHeader(file, layout)
    if (headerMismatch) return [headerMismatch]
    for (const offset of offsets) {
      const tensor = findTensorAt(layout, offset)
      const { bytes, arrayType } = FORMATS[tensor.dtype]
      const elements = (tensor.end - tensor.begin) / bytes
      const first = Math.floor((offset - tensor.begin) / bytes / BLOCK_SIZE) * BLOCK_SIZE
      const data = new arrayType(Math.min(BLOCK_SIZE, elements - first))
      for (const fill of iterateFills(tensor, seed, first, data)) engine.fillSync(...fill)
      const position = layout.headerBytes + tensor.begin + first * bytes
      const fileBytes = await file.readAt(position, data.byteLength)
      const element = findFirstDifference(new Uint8Array(data.buffer), fileBytes)
      if (element >= 0) return [createMismatch(tensor.name, first + Math.floor(element / bytes))]
      onBytes(data.byteLength)
    }
    return []
  } finally {
    await file.close()
  }
}

/** The tensor that contains the byte at `offset` of the data. */
function findTensorAt<T extends FillableTensor>({ tensors }: FileLayout<T>, offset: number): PlacedTensor<T> {
  let [low, high] = [0, tensors.length - 1] // of the first tensor that ends after `offset`
  while (low < high) {
    const middle = (low + high) >> 1
    if (tensors[middle].end > offset) high = middle
    else low = middle + 1
  }
  return tensors[low]
}

/** Compares the size of the file and its header. */
async function compareHeader(file: ReadableFile, layout: FileLayout): Promise<Mismatch | undefined> {
  const { size } = file
  if (size !== layout.bytes) return { reason: `size is ${size} bytes, expected ${layout.bytes}` }
  const header = await file.readAt(0, layout.headerBytes)
  return header.equals(encodeHeader(layout)) ? undefined : { reason: 'header differs from the plan' }
}

function createMismatch(tensor: string, element: number): Mismatch {
  return { tensor, element, reason: `${tensor} differs starting at element ${element}` }
}

/** Index of the first byte that differs, or -1. */
function findFirstDifference(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b) === 0 ? -1 : a.findIndex((byte, i) => byte !== b[i])
}

interface ReadableFile {
  readonly size: number
  /** Throws an InputError if the file has become shorter. */
  readAt(position: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** Opens a file. System errors name the path. */
async function openForReading(path: string): Promise<ReadableFile> {
  const file = await open(path, READ_FLAGS)
  try {
    const { size } = await file.stat()
    return { size, readAt: (...range) => readAt(file, path, ...range), close: () => close(file, path) }
  } catch (error) {
    await file.close()
    throw nameFile(path, error)
  }
}

async function close(file: FileHandle, path: string): Promise<void> {
  try {
    await file.close()
  } catch (error) {
    throw nameFile(path, error)
  }
}

async function readAt(file: FileHandle, path: string, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  try {
    for (let done = 0; done < length;) {
      const { bytesRead } = await file.read(buffer, done, length - done, position + done)
      if (bytesRead === 0) throw createTruncationError(path)
      done += bytesRead
    }
    return buffer
  } catch (error) {
    throw nameFile(path, error)
  }
}
