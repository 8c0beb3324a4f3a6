/**
 * The fast engine: the SIMD kernels of `assembly/` on a memory of fixed size.
 *
 *   0                   workspace (assembly/workspace.ts)
 *   TABLE_POSITIVE      quantile table, positive run: entry h at address 8h
 *   .. TABLE_NEGATIVE   between the runs: staging, for targets outside this memory
 *   TABLE_NEGATIVE      quantile table, negative run
 *   TABLE_END ..        lent to callers
 *
 * A target inside this memory is filled where it lies; any other by way of the staging area, whose 128 KiB
 * stay in the second-level cache.
 */

import { instantiateSync } from '@assemblyscript/loader'
import { bitsOf, FORMATS, type TensorData } from '../dtypes.ts'
import { placeTable } from '../quantile.ts'
import type { Backend, Job } from './backend.ts'

/** Bytes of a WebAssembly page, and the most of them one memory can have. */
export const PAGE = 65536
export const MOST_PAGES = 65536

const STAGING_BYTES = 131072

/** The exports of `assembly/index.ts`. */
interface Kernel extends Record<string, unknown> {
  fill(work: number, to: number, first: number, count: number): void
  mapDraws(work: number, from: number, to: number, count: number): void
}

export class WasmBackend implements Backend {
  readonly name = 'wasm'
  readonly simd = true

  private readonly memory: WebAssembly.Memory
  private readonly kernel: Kernel
  private readonly layout: (name: string) => number
  private readonly staging: number
  private loaded: Job | undefined

  /** `bytes` of memory are reserved; pages never touched cost nothing. Throws if the host forbids it. */
  constructor(module: WebAssembly.Module, bytes: number) {
    const pages = Math.ceil(bytes / PAGE)
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const { exports } = instantiateSync<Kernel>(module, { env: { memory: this.memory } })
    this.kernel = exports
    this.layout = (name) => Number((exports[name] as WebAssembly.Global).value)
    this.staging = (this.layout('TABLE_NEGATIVE') - STAGING_BYTES) & ~15
    placeTable(new Float32Array(this.memory.buffer, 0, this.layout('TABLE_END') / 4))
  }

  heap() {
    const { buffer } = this.memory
    return { buffer, start: this.layout('TABLE_END'), end: buffer.byteLength }
  }

  fill(job: Job, target: TensorData, at: number, first: number, count: number): void {
    const { kernel, memory, staging } = this
    const { bytes, array } = FORMATS[job.dtype]
    if (target.buffer === memory.buffer) {
      this.load(job)
      kernel.fill(0, target.byteOffset + at * bytes, first, count)
      return
    }
    if (job.map.kind === 'constant') {
      target.fill(job.map.value, at, at + count)
      return
    }
    this.load(job)
    for (let done = 0; done < count;) {
      const piece = Math.min(count - done, STAGING_BYTES / bytes)
      kernel.fill(0, staging, first + done, piece)
      target.set(new array(memory.buffer, staging, piece), at + done)
      done += piece
    }
  }

  /** The map and cast of a job on draws that the caller supplies, as in `JsBackend.mapDraws`. */
  mapDraws(job: Job, draws: Int32Array, target: TensorData, at: number): void {
    const { kernel, memory, staging } = this
    const { array } = FORMATS[job.dtype]
    const piece = this.layout('PIECE')
    const from = this.layout('DRAWS')
    this.load(job)
    for (let done = 0; done < draws.length; done += piece) {
      const some = draws.subarray(done, done + piece)
      new Int32Array(memory.buffer, from, some.length).set(some)
      kernel.mapDraws(0, from, staging, some.length)
      target.set(new array(memory.buffer, staging, some.length), at + done)
    }
  }

  /** Writes the job into the workspace, unless it is there already. */
  private load(job: Job): void {
    if (this.loaded === job) return
    const { layout } = this
    const bits = new Uint32Array(this.memory.buffer, 0, this.layout('STATE') / 4)
    const set = (name: string, pattern: number) => (bits[layout(name) / 4] = pattern)
    const { map, dtype, key } = job
    bits.set(key, layout('KEY') / 4)
    set('MAP', layout(KINDS[map.kind]))
    set('DTYPE', layout(dtype.toUpperCase()))
    if (map.kind === 'constant') {
      set('SCALE', dtype === 'f32' ? bitsOf(map.value) : map.value * 0x10001)
    } else if (map.kind !== 'bits') {
      set('SCALE', bitsOf(map.scale))
      set('MEAN', bitsOf(map.mean))
    }
    if ('low' in map) {
      set('LOW', bitsOf(map.low))
      set('HIGH', bitsOf(map.high))
    }
    if ('width' in map) {
      set('WIDTH', bitsOf(map.width))
      set('BASE', bitsOf(map.base))
      set('BASE_LOWER', bitsOf(map.baseLower))
      set('UPPER_DRAWS', map.upperDraws)
      set('ALL_UPPER', map.upperDraws === 2 ** 32 ? -1 : 0)
    }
    this.loaded = job
  }
}

const KINDS = {
  bits: 'BITS',
  constant: 'CONSTANT',
  uniform: 'UNIFORM',
  normal: 'NORMAL',
  truncatedSymmetric: 'TRUNCATED_SYMMETRIC',
  truncated: 'TRUNCATED',
} as const
