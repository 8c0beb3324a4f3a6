/**
 * The pass by the kernels (assembly/stats.ts), on a memory of their own:
 *
 *   0         results of a pass
 *   COUNTERS  counters of patterns
 *   UNREAD    counters that nobody reads
 *   STAGED    elements as they are stored
 *   VALUES    the chunk, unless it is where it was read
 *   ROOMS     windows of a file
 */

import { instantiateSync } from '@assemblyscript/loader'
import { MOST_PAGES, PAGE } from '../engine/instance.ts'
import type { StoredDtype } from '../safetensors/reader.ts'
import { CHUNK, gatheredOf, WINDOW, type Gathered, type Passes } from './passes.ts'
import { widen } from './widen.ts'
import type { Rooms } from './window.ts'

const COUNTERS = PAGE
const UNREAD = COUNTERS + 4 * 65536
const STAGED = UNREAD + 4 * 65536
const VALUES = STAGED + 4 * CHUNK
const ROOMS = VALUES + 4 * CHUNK + 64

type Widening = (
  ...job: [
    ...[from: number, to: number, count: number, narrower: number, rebias: number],
    ...[least: number, special: number, infinity: number, sign: number],
  ]
) => void

interface Kernel extends Record<string, unknown> {
  gather(from: number, count: number, to: number, centre: number, table: number): void
  tally16(from: number, count: number, table: number): void
  widenBf16(from: number, to: number, count: number): void
  widen16: Widening
  widen8: Widening
}

/** How many bits narrower the exponent is, how much less its bias, and the first pattern that is no number. */
const FORMATS: Readonly<Partial<Record<StoredDtype, readonly [number, number, number]>>> = {
  F16: [3, 112, 0x0f800000],
  F8_E5M2: [3, 112, 0x0f800000],
  F8_E4M3: [4, 120, 0x07f00000],
}

export class WasmPasses implements Passes {
  readonly name = 'wasm'
  readonly counters: Uint32Array
  readonly rooms: Rooms
  private readonly kernel: Kernel
  private readonly chunk: Float32Array
  /** Where the values are. */
  private at = VALUES
  private readonly bytes: Uint8Array
  private readonly staged: Uint8Array
  private readonly sums: Float64Array
  private readonly extremes: Float32Array
  private readonly patterns: Uint32Array

  /** Of the kernels for a memory that is not shared. */
  constructor(module: WebAssembly.Module) {
    const bytes = ROOMS + 2 * WINDOW
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: MOST_PAGES })
    this.kernel = instantiateSync<Kernel>(module, { env: { memory } }).exports
    const { buffer } = memory
    this.counters = new Uint32Array(buffer, COUNTERS, 65536)
    this.rooms = [new Uint8Array(buffer, ROOMS, WINDOW), new Uint8Array(buffer, ROOMS + WINDOW, WINDOW)]
    this.chunk = new Float32Array(buffer, VALUES, CHUNK + 16)
    this.bytes = new Uint8Array(buffer, VALUES, 4 * CHUNK)
    this.staged = new Uint8Array(buffer, STAGED, 4 * CHUNK)
    this.patterns = new Uint32Array(buffer, VALUES, CHUNK + 16)
    this.sums = new Float64Array(buffer, 0, 16)
    this.extremes = new Float32Array(buffer, 128, 8)
  }

  get values(): Float32Array {
    return this.at === VALUES ? this.chunk : new Float32Array(this.chunk.buffer, this.at, CHUNK)
  }

  load(dtype: StoredDtype, bytes: Uint8Array, at: number): void {
    this.at = VALUES
    const format = FORMATS[dtype]
    if (dtype === 'F32') {
      if (this.holds(bytes) && bytes.length === 4 * CHUNK && bytes.byteOffset % 4 === 0)
        this.at = bytes.byteOffset
      else this.bytes.set(bytes, 4 * at)
      return
    }
    // a vector may be written past the end, but begins where a vector may
    if ((!format && dtype !== 'BF16') || at % 4 !== 0) return widen(dtype, bytes, this.chunk.subarray(at))
    const from = this.stage(bytes)
    const to = VALUES + 4 * at
    if (!format) return this.kernel.widenBf16(from, to, bytes.length / 2)
    const [widening, count] =
      dtype === 'F16' ? [this.kernel.widen16, bytes.length / 2] : [this.kernel.widen8, bytes.length]
    const [narrower, bias, special] = format
    widening(from, to, count, narrower, bias << 23, 1 << 23, special, 0x7f800000, 0x80000000 | 0)
  }

  gather(count: number, centre: number, tally: boolean): Gathered {
    const { kernel, patterns, counters } = this
    const more = -count & 3
    if (more > 0) this.values.fill(centre, count, count + more) // which adds nothing to a sum
    kernel.gather(this.at, count + more, 0, centre, tally ? COUNTERS : UNREAD)
    if (tally && more > 0) counters[patterns[count] >>> 16] -= more
    return gatheredOf(this.sums, this.extremes)
  }

  tally16(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; done += 4 * CHUNK) {
      const some = bytes.subarray(done, done + 4 * CHUNK)
      this.kernel.tally16(this.stage(some), some.length / 2, COUNTERS)
    }
  }

  /** Where in the memory these bytes are, at most those of a chunk. */
  private stage(bytes: Uint8Array): number {
    if (this.holds(bytes)) return bytes.byteOffset
    this.staged.set(bytes)
    return STAGED
  }

  private holds(bytes: Uint8Array): boolean {
    return bytes.buffer === this.chunk.buffer
  }
}
