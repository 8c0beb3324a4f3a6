/**
 * Generates the bytes of a planned file chunk by chunk, in two alternating buffers of engine memory. The bytes do not
 * depend on where chunks end.
 */

import { FORMATS, type Dtype, type TensorData } from '../numeric/dtypes.ts'
import type { Engine, Lent } from '../engine/engine.ts'
import type { FillOptions } from '../engine/tensor.ts'
import { splitPackedRange } from '../engine/element-ranges.ts'
import type { FileLayout, PlacedTensor, TensorEntry } from '../safetensors/encode-header.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { Seed } from '../rng/stream.ts'
import type { TensorSlice } from './tensor-slices.ts'

/** Default bytes of a chunk: 4 MiB, large enough for efficient writes and small enough for an L3 cache. */
export const CHUNK_BYTES = 2 ** 22

/** A placed tensor with everything that determines its bytes, except the seed. */
export type FillableTensor = TensorEntry & { readonly strategy: Strategy; readonly slice?: TensorSlice }

/** The part of a tensor that lies in one chunk. */
export interface ChunkPart<T> {
  /** The tensor, as in the layout of the file. */
  readonly tensor: T
  /** Index of the part's first element in the stored tensor, in row-major order. */
  readonly elementOffset: number
  /** The elements: a view of the chunk's bytes, valid as long as they are. */
  readonly data: TensorData
}

/** Consecutive bytes of a file. */
export interface Chunk<T> {
  /** Valid until the chunk after the next is requested, or the buffers are released. */
  readonly bytes: Uint8Array
  /** Offset of the chunk in the file, in bytes. */
  readonly position: number
  /** The parts of tensors that make up `bytes`, in order. Created during iteration, since there can be many. */
  readonly parts: Iterable<ChunkPart<T>>
}

/**
 * Computes how much memory an engine needs to generate chunks, for the option `memory` of `createEngine`.
 * @param chunkBytes Bytes of a chunk. Default: 4 MiB.
 * @returns Bytes to reserve for `lendBuffers` and the threads. Pages that are never touched are not allocated.
 * @throws Never.
 * @example
 * import { computeEngineMemory } from 'simdinit/models'
 *
 * console.log(computeEngineMemory()) // 76546048
 */
export function computeEngineMemory(chunkBytes = CHUNK_BYTES): number {
  return 2 ** 20 + 2 * chunkBytes + 2 ** 26 // 64 MiB for the workspaces of threads
}

/**
 * Allocates the two buffers for `generateChunks` in the memory of an engine. Release each of them after the last chunk
 * has been used.
 * @param engine The engine that generates the chunks.
 * @param chunkBytes Bytes of a buffer, a multiple of 8. Default: 4 MiB.
 * @returns Both buffers.
 * @throws {RangeError} If the engine's memory is too small: see `computeEngineMemory`.
 * @example
 * import { createEngine } from 'simdinit'
 * import { lendBuffers } from 'simdinit/models'
 *
 * const engine = await createEngine()
 * const buffers = lendBuffers(engine, 4096)
 * console.log(buffers[0].data.byteLength) // 4096
 * for (const buffer of buffers) buffer.release()
 * await engine.close()
 */
export function lendBuffers(engine: Engine, chunkBytes = CHUNK_BYTES): readonly [Lent, Lent] {
  const words = chunkBytes / 4
  return [engine.lend(words), engine.lend(words)]
}

/**
 * Generates the data of a file, after its header. Each chunk fills a buffer, except the last one.
 * @param engine The engine that owns the buffers.
 * @param file A file of a plan: `plan.files[0]`.
 * @param seed The seed: any string, or a number, which is the same as its decimal digits.
 * @param buffers From `lendBuffers`. Chunks alternate between them.
 * @returns An async generator of chunks, in the order of their positions.
 * @throws {SimdinitError} During iteration, if the engine has been closed or the buffers released.
 * @example
 * import { createEngine } from 'simdinit'
 * import { generateChunks, lendBuffers, planModel } from 'simdinit/models'
 *
 * const config = { model_type: 'gpt2', n_embd: 8, n_layer: 1, n_head: 2, vocab_size: 16, n_positions: 4 }
 * const [file] = planModel(config).files
 * const engine = await createEngine()
 * const buffers = lendBuffers(engine, 2048)
 * let bytes = 0
 * for await (const chunk of generateChunks(engine, file, 42, buffers)) bytes += chunk.bytes.length
 * for (const buffer of buffers) buffer.release()
 * await engine.close()
 * console.log(bytes === file.bytes - file.headerBytes) // true
 */
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

/** The fills that generate elements of a tensor from `first` on into `data`: one, or one per box of a slice. */
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
  let offset = 0
  for (const box of splitPackedRange(slice.ranges, first, first + data.length)) {
    const count = box.reduce((product, [start, end]) => product * (end - start), 1)
    yield [
      data.subarray(offset, (offset += count)),
      strategy,
      { seed, name, dtype, shape: slice.of, slice: box },
    ]
  }
}
