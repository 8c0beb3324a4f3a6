/**
 * The bytes of a planned file, chunk by chunk, in bounded memory: two buffers of the engine's own memory, used
 * in turn. Where the chunks end changes nothing.
 */

import { FORMATS, type Dtype, type TensorData } from '../numeric/dtypes.ts'
import type { Engine, Lent } from '../engine/engine.ts'
import type { FillOptions } from '../engine/tensor.ts'
import { splitPackedRange } from '../engine/element-ranges.ts'
import type { FileLayout, PlacedTensor, TensorEntry } from '../safetensors/encode-header.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { Seed } from '../rng/stream.ts'
import type { TensorSlice } from './tensor-slices.ts'

/** Bytes of a chunk: large enough for a disk, small enough for a third-level cache. */
export const CHUNK_BYTES = 2 ** 22

/** A tensor of which every byte is known. */
export type FillableTensor = TensorEntry & { readonly strategy: Strategy; readonly slice?: TensorSlice }

/** The part of a tensor that lies in a chunk. */
export interface ChunkPart<T> {
  readonly tensor: T
  /** Index in the tensor of the part's first element. */
  readonly elementOffset: number
  readonly data: TensorData
}

export interface Chunk<T> {
  /** Valid until the chunk after the next one is asked for, or the buffers are released. */
  readonly bytes: Uint8Array
  /** Where it lies in the file. */
  readonly position: number
  /** The parts of tensors that `bytes` consists of, in order; created during iteration, since there can be many. */
  readonly parts: Iterable<ChunkPart<T>>
}

/** The memory an engine needs for `lendBuffers`, in bytes. */
export function computeEngineMemory(chunkBytes = CHUNK_BYTES): number {
  return 2 ** 20 + 2 * chunkBytes + 2 ** 26 // reserved for the workspaces of threads; touched pages alone count
}

/** Lends the memory for `chunksOf`. Release it when the last chunk has been used, and not before. */
export function lendBuffers(engine: Engine, chunkBytes = CHUNK_BYTES): readonly [Lent, Lent] {
  const words = chunkBytes / 4
  return [engine.lend(words), engine.lend(words)]
}

/** The chunks of a file's data in order, each as long as a buffer, but for the last. */
export async function* generateChunks<T extends FillableTensor>(
  engine: Engine,
  file: FileLayout<T>,
  seed: Seed,
  buffers: readonly [Lent, Lent],
): AsyncGenerator<Chunk<T>> {
  const { tensors, headerBytes } = file
  const dataBytes = file.bytes - headerBytes
  const size = buffers[0].data.byteLength
  let next = 0 // the first tensor that does not end before the chunk
  for (let start = 0, bufferIndex = 0; start < dataBytes; start += size, bufferIndex ^= 1) {
    const { buffer, byteOffset } = buffers[bufferIndex].data
    const bytes = new Uint8Array(buffer, byteOffset, Math.min(size, dataBytes - start))
    while (next < tensors.length && tensors[next].end <= start) next++
    const from = next
    const parts = { [Symbol.iterator]: () => iterateParts(tensors, from, start, bytes) }
    for (const { tensor, elementOffset, data } of parts) {
      for (const fill of iterateFills(tensor, seed, elementOffset, data)) await engine.fill(...fill)
    }
    yield { bytes, position: headerBytes + start, parts }
  }
}

/** The parts of `bytes`, which begin at `start` of the data; `next` is the first tensor among them. */
function* iterateParts<T extends FillableTensor>(
  tensors: readonly PlacedTensor<T>[],
  next: number,
  start: number,
  { buffer, byteOffset, length }: Uint8Array,
): Generator<ChunkPart<T>> {
  for (let i = next; i < tensors.length && tensors[i].begin < start + length; i++) {
    const tensor = tensors[i]
    const from = Math.max(tensor.begin, start)
    const to = Math.min(tensor.end, start + length)
    const { bytes, arrayType } = FORMATS[tensor.dtype]
    const data = new arrayType(buffer as ArrayBuffer, byteOffset + from - start, (to - from) / bytes)
    yield { tensor, elementOffset: (from - tensor.begin) / bytes, data }
  }
}

/** The fills that make `data` the elements of a tensor from `first` on: one, or for a slice one for each box. */
export function* iterateFills(
  { strategy, name, dtype, shape, slice }: FillableTensor,
  seed: Seed,
  first: number,
  data: TensorData,
): Generator<[TensorData, Strategy, FillOptions & { dtype: Dtype }]> {
  if (!slice) {
    yield [data, strategy, { seed, name, dtype, shape, offset: first }]
    return
  }
  let at = 0
  for (const box of splitPackedRange(slice.ranges, first, first + data.length)) {
    const count = box.reduce((product, [start, end]) => product * (end - start), 1)
    yield [data.subarray(at, (at += count)), strategy, { seed, name, dtype, shape: slice.of, slice: box }]
  }
}
