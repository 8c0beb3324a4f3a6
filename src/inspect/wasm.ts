/**
 * The pass by the kernels (assembly/stats.ts), on a memory of their own:
 *
 *   0         results of a pass
 *   COUNTERS  counters of patterns
 *   UNREAD    counters that nobody reads
 *   STAGED    elements as they are stored
 *   VALUES    the chunk
 */

import { instantiateSync } from '@assemblyscript/loader'
import { compileKernels } from '../engine/create.ts'
import { MOST_PAGES, PAGE } from '../engine/instance.ts'
import type { StoredDtype } from '../safetensors/reader.ts'
import { CHUNK, gatheredOf, type Gathered, type Passes } from './passes.ts'
import { widen } from './widen.ts'

const COUNTERS = PAGE
const UNREAD = COUNTERS + 4 * 65536
const STAGED = UNREAD + 4 * 65536
const VALUES = STAGED + 4 * CHUNK
const END = VALUES + 4 * CHUNK + 64

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
  private readonly kernel: Kernel
  readonly values: Float32Array
  private readonly bytes: Uint8Array
  private readonly staged: Uint8Array
  private readonly sums: Float64Array
  private readonly extremes: Float32Array
  private readonly patterns: Uint32Array

  /** Throws if the host forbids it. */
  static async create(): Promise<WasmPasses> {
    return new WasmPasses(await compileKernels())
  }

  private constructor(module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(END / PAGE), maximum: MOST_PAGES })
    this.kernel = instantiateSync<Kernel>(module, { env: { memory } }).exports
    const { buffer } = memory
    this.counters = new Uint32Array(buffer, COUNTERS, 65536)
    this.values = new Float32Array(buffer, VALUES, CHUNK + 16)
    this.bytes = new Uint8Array(buffer, VALUES, 4 * CHUNK)
    this.staged = new Uint8Array(buffer, STAGED, 4 * CHUNK)
    this.patterns = new Uint32Array(buffer, VALUES, CHUNK + 16)
    this.sums = new Float64Array(buffer, 0, 16)
    this.extremes = new Float32Array(buffer, 128, 8)
  }

  load(dtype: StoredDtype, bytes: Uint8Array, at: number): void {
    const format = FORMATS[dtype]
    if (dtype === 'F32') return this.bytes.set(bytes, 4 * at)
    // a vector may be written past the end, but begins where a vector may
    if ((!format && dtype !== 'BF16') || at % 4 !== 0) return widen(dtype, bytes, this.values.subarray(at))
    this.staged.set(bytes)
    const to = VALUES + 4 * at
    if (!format) return this.kernel.widenBf16(STAGED, to, bytes.length / 2)
    const [widening, count] =
      dtype === 'F16' ? [this.kernel.widen16, bytes.length / 2] : [this.kernel.widen8, bytes.length]
    const [narrower, bias, special] = format
    widening(STAGED, to, count, narrower, bias << 23, 1 << 23, special, 0x7f800000, 0x80000000 | 0)
  }

  gather(count: number, centre: number, tally: boolean): Gathered {
    const { kernel, values, patterns, counters } = this
    const more = -count & 3
    values.fill(centre, count, count + more) // which adds nothing to a sum
    kernel.gather(VALUES, count + more, 0, centre, tally ? COUNTERS : UNREAD)
    if (tally && more > 0) counters[patterns[count] >>> 16] -= more
    return gatheredOf(this.sums, this.extremes)
  }

  tally16(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; done += 4 * CHUNK) {
      const some = bytes.subarray(done, done + 4 * CHUNK)
      this.staged.set(some)
      this.kernel.tally16(STAGED, some.length / 2, COUNTERS)
    }
  }
}
