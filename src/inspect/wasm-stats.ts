/**
 * Statistics by the WebAssembly kernels (assembly/stats.ts). They have a memory of their own:
 *
 *   0                          results of a pass
 *   COUNTERS_OFFSET            counters of bit patterns
 *   DISCARDED_COUNTERS_OFFSET  counters of passes whose counts are not needed
 *   STAGING_OFFSET             elements as they are stored
 *   VALUES_OFFSET              the chunk, unless it stays in a read buffer
 *   BUFFERS_OFFSET             the read buffers
 */

import { createMemory, PAGE_BYTES } from '../engine/kernel-instance.ts'
import { instantiateSync } from '../engine/loader.generated.ts'
import { FORMATS, type Dtype } from '../numeric/dtypes.ts'
import type { StoredDtype } from '../safetensors/read-header.ts'
import {
  CHUNK_VALUES,
  combineLanes,
  WINDOW_BYTES,
  type BufferPair,
  type ChunkStats,
  type StatsBackend,
} from './stats-backend.ts'
import { convertToF32, NARROW_DTYPES } from './to-f32.ts'

const COUNTERS_OFFSET = PAGE_BYTES
const DISCARDED_COUNTERS_OFFSET = COUNTERS_OFFSET + 4 * 65536
const STAGING_OFFSET = DISCARDED_COUNTERS_OFFSET + 4 * 65536
const VALUES_OFFSET = STAGING_OFFSET + 4 * CHUNK_VALUES
const BUFFERS_OFFSET = VALUES_OFFSET + 4 * CHUNK_VALUES + 64

type WidenKernel = (
  ...args: [
    ...[from: number, to: number, count: number, narrower: number, rebias: number],
    ...[smallestNormal: number, special: number, infinity: number, sign: number],
  ]
) => void

interface StatsKernel extends Record<string, unknown> {
  accumulateStats(from: number, count: number, to: number, center: number, table: number): void
  countPatterns16(from: number, count: number, table: number): void
  widenBf16(from: number, to: number, count: number): void
  widen16: WidenKernel
  widen8: WidenKernel
}

/** What `WidenKernel` needs of a format, compared with f32. */
function getWidenParameters(dtype: Dtype) {
  const { bytes, mantissaBits, exponentBias, maxBits } = FORMATS[dtype]
  return {
    narrower: 8 - (8 * bytes - 1 - mantissaBits),
    rebias: 127 - exponentBias,
    /** The first bit pattern, widened, that is not a finite number. */
    special: (maxBits + 1) << (23 - mantissaBits),
  }
}

export class WasmStatsBackend implements StatsBackend {
  readonly name = 'wasm'
  readonly counters: Uint32Array
  readonly buffers: BufferPair
  private readonly kernel: StatsKernel
  private readonly chunk: Float32Array
  /** Byte offset of the chunk: `VALUES_OFFSET`, or in a read buffer. */
  private valuesOffset = VALUES_OFFSET
  private readonly valueBytes: Uint8Array
  private readonly staging: Uint8Array
  private readonly sums: Float64Array
  private readonly extremes: Float32Array
  private readonly valueBits: Uint32Array

  /** `module`: the kernels compiled for memory that is not shared. */
  constructor(module: WebAssembly.Module) {
    const memory = createMemory(BUFFERS_OFFSET + 2 * WINDOW_BYTES, 0)
    this.kernel = instantiateSync(module, { env: { memory } }).exports as StatsKernel
    const { buffer } = memory
    this.counters = new Uint32Array(buffer, COUNTERS_OFFSET, 65536)
    this.buffers = [
      new Uint8Array(buffer, BUFFERS_OFFSET, WINDOW_BYTES),
      new Uint8Array(buffer, BUFFERS_OFFSET + WINDOW_BYTES, WINDOW_BYTES),
    ]
    this.chunk = new Float32Array(buffer, VALUES_OFFSET, CHUNK_VALUES + 16)
    this.valueBytes = new Uint8Array(buffer, VALUES_OFFSET, 4 * CHUNK_VALUES)
    this.staging = new Uint8Array(buffer, STAGING_OFFSET, 4 * CHUNK_VALUES)
    this.valueBits = new Uint32Array(buffer, VALUES_OFFSET, CHUNK_VALUES + 16)
    this.sums = new Float64Array(buffer, 0, 16)
    this.extremes = new Float32Array(buffer, 128, 8)
  }

  get values(): Float32Array {
    return this.valuesOffset === VALUES_OFFSET
      ? this.chunk
      : new Float32Array(this.chunk.buffer, this.valuesOffset, CHUNK_VALUES)
  }

  load(dtype: StoredDtype, bytes: Uint8Array, start: number): void {
    this.valuesOffset = VALUES_OFFSET
    if (dtype === 'F32') {
      if (this.isInMemory(bytes) && bytes.length === 4 * CHUNK_VALUES && bytes.byteOffset % 4 === 0)
        this.valuesOffset = bytes.byteOffset
      else this.valueBytes.set(bytes, 4 * start)
      return
    }
    // the kernels may write up to a vector past the end, but must start at the boundary of one
    const narrowDtype = NARROW_DTYPES[dtype]
    if (!narrowDtype || start % 4 !== 0) return convertToF32(dtype, bytes, this.chunk.subarray(start))
    const from = this.stage(bytes)
    const to = VALUES_OFFSET + 4 * start
    if (narrowDtype === 'bf16') return this.kernel.widenBf16(from, to, bytes.length / 2)
    const { narrower, rebias, special } = getWidenParameters(narrowDtype)
    const is16Bit = FORMATS[narrowDtype].bytes === 2
    const widen = is16Bit ? this.kernel.widen16 : this.kernel.widen8
    const count = bytes.length / (is16Bit ? 2 : 1)
    widen(from, to, count, narrower, rebias << 23, 1 << 23, special, 0x7f800000, 0x80000000 | 0)
  }

  computeChunkStats(count: number, center: number, tally: boolean): ChunkStats {
    const { kernel, valueBits, counters } = this
    const padding = -count & 3
    if (padding > 0) this.values.fill(center, count, count + padding) // adds 0 to every sum
    kernel.accumulateStats(
      this.valuesOffset,
      count + padding,
      0,
      center,
      tally ? COUNTERS_OFFSET : DISCARDED_COUNTERS_OFFSET,
    )
    if (tally && padding > 0) counters[valueBits[count] >>> 16] -= padding
    return combineLanes(this.sums, this.extremes)
  }

  countPatterns16(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; done += 4 * CHUNK_VALUES) {
      const piece = bytes.subarray(done, done + 4 * CHUNK_VALUES)
      this.kernel.countPatterns16(this.stage(piece), piece.length / 2, COUNTERS_OFFSET)
    }
  }

  /** Copies at most a chunk of bytes to the memory, unless they are there already, and returns their offset. */
  private stage(bytes: Uint8Array): number {
    if (this.isInMemory(bytes)) return bytes.byteOffset
    this.staging.set(bytes)
    return STAGING_OFFSET
  }

  private isInMemory(bytes: Uint8Array): boolean {
    return bytes.buffer === this.chunk.buffer
  }
}
