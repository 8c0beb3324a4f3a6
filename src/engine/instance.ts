/**
 * An instance of the kernels of `assembly/` on a memory of its own, shared with workers where there are any:
 *
 *   0                   workspace of this thread (assembly/workspace.ts)
 *   TABLE_POSITIVE      quantile table, positive run: entry h at address 8h
 *   .. TABLE_NEGATIVE   between the runs: tables of jumps, and staging for targets outside this memory
 *   TABLE_NEGATIVE      quantile table, negative run
 *   .. TABLE_END        counters of batches
 *   TABLE_END           staging and workspaces of the workers
 *   heapStart           whatever the owner wants
 */

import { instantiateSync } from '@assemblyscript/loader'
import { bitsOf, FORMATS } from '../dtypes.ts'
import { placeTable } from '../quantile.ts'
import type { DrawnJob } from './backend.ts'

/** Bytes of a WebAssembly page, and the most of them one memory can have. */
export const PAGE = 65536
export const MOST_PAGES = 65536

/** Stays in the second-level cache. */
export const STAGING_BYTES = 65536

/** The exports of `assembly/index.ts`. */
export interface Kernel extends Record<string, unknown> {
  fill(work: number, to: number, first: number, count: number): void
  mapDraws(work: number, to: number, count: number): void
  makeJumps(work: number, tables: number): void
  dataBytes(rows: number, columns: number): number
  scratchBytes(rows: number): number
  resultAt(work: number): number
  makePanel(work: number, scratch: number, panel: number): void
  startStrip(work: number, scratch: number, strip: number): void
  reflect(work: number, scratch: number, strip: number, panel: number): void
  endStrip(work: number, scratch: number, strip: number): void
}

export class Instance {
  readonly memory: WebAssembly.Memory
  readonly kernel: Kernel
  /** The constants that the kernels export: offsets in bytes, and codes. */
  readonly layout: Readonly<Record<string, number>>
  /** This thread's workspace, up to the state. */
  readonly workspace: Uint32Array
  readonly staging: number
  readonly heapStart: number

  /** Throws if the host forbids it, or the memory is too small for so many workers. */
  constructor(module: WebAssembly.Module, bytes: number, workers: number) {
    const pages = Math.ceil(bytes / PAGE)
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: workers > 0 })
    const { memory } = this
    const { exports } = instantiateSync<Kernel>(module, { env: { memory } })
    this.kernel = exports
    const constants = Object.entries(exports).filter(([, value]) => value instanceof WebAssembly.Global)
    const layout = Object.fromEntries(
      constants.map(([name, value]) => [name, Number((value as WebAssembly.Global).value)]),
    )
    this.layout = layout
    this.workspace = new Uint32Array(memory.buffer, 0, layout.STATE / 4)
    this.staging = (layout.TABLE_NEGATIVE - STAGING_BYTES) & ~15
    this.heapStart = this.area(workers + 1)
    if (this.heapStart > memory.buffer.byteLength) {
      throw new RangeError(
        `"memory" expected at least ${this.heapStart} bytes for ${workers + 1} threads, got ${bytes}`,
      )
    }
    placeTable(new Float32Array(memory.buffer, 0, layout.TABLE_END / 4))
  }

  /**
   * Where the staging of a worker (1, 2, ...) lies; its workspace follows. Whole 4 KiB each, so that the first memory
   * that is lent does not lie a little after the draws modulo 4096: each load of draws would wait for the store before.
   */
  area(worker: number): number {
    const { TABLE_END, WORKSPACE } = this.layout
    return TABLE_END + (worker - 1) * ((STAGING_BYTES + WORKSPACE + 4095) & ~4095)
  }

  /** Writes the job as a workspace holds it, from its beginning to the state. */
  write({ map, dtype, key }: DrawnJob, words: Uint32Array): void {
    const { layout } = this
    const set = (offset: number, pattern: number) => (words[offset >> 2] = pattern)
    words.set(key, layout.KEY >> 2)
    set(layout.MAP, layout[CODES[map.kind]])
    set(layout.DTYPE, layout[CODES[dtype]])
    if (map.kind === 'constant') {
      set(layout.SCALE, dtype === 'f32' ? bitsOf(map.value) : map.value * REPEAT[FORMATS[dtype].bytes])
    } else if (map.kind !== 'bits') {
      set(layout.SCALE, bitsOf(map.scale))
      set(layout.MEAN, bitsOf(map.mean))
    }
    if ('low' in map) {
      set(layout.LOW, bitsOf(map.low))
      set(layout.HIGH, bitsOf(map.high))
    }
    if ('width' in map) {
      set(layout.WIDTH, bitsOf(map.width))
      set(layout.BASE, bitsOf(map.base))
      set(layout.BASE_LOWER, bitsOf(map.baseLower))
      set(layout.UPPER_DRAWS, map.upperDraws)
      set(layout.ALL_UPPER, map.upperDraws === 2 ** 32 ? -1 : 0)
    }
  }
}

/** What the kernels call maps and dtypes. */
const CODES = {
  bits: 'BITS',
  constant: 'CONSTANT',
  uniform: 'UNIFORM',
  normal: 'NORMAL',
  truncatedSymmetric: 'TRUNCATED_SYMMETRIC',
  truncated: 'TRUNCATED',
  f32: 'F32',
  bf16: 'BF16',
  f16: 'F16',
  f8_e4m3: 'F8_E4M3',
  f8_e5m2: 'F8_E5M2',
} as const

/** What repeats a pattern of so many bytes through a word. */
const REPEAT: Readonly<Record<number, number>> = { 2: 0x10001, 1: 0x1010101 }
