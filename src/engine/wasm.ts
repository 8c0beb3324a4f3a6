/**
 * The fast engine: the SIMD kernels of `assembly/` on a memory of fixed size, shared with workers where that can be.
 *
 *   0                   workspace of this thread (assembly/workspace.ts)
 *   TABLE_POSITIVE      quantile table, positive run: entry h at address 8h
 *   .. TABLE_NEGATIVE   between the runs: tables of jumps, and staging for targets outside this memory
 *   TABLE_NEGATIVE      quantile table, negative run
 *   .. TABLE_END        counters of batches
 *   TABLE_END           staging and workspaces of the workers
 *   heap().start        lent to callers
 *
 * A target inside this memory is filled where it lies; any other by way of a staging area, whose 64 KiB stay in the
 * second-level cache.
 */

import { instantiateSync } from '@assemblyscript/loader'
import { fillComputed } from './computed.ts'
import { bitsOf, FORMATS, type TensorData } from '../dtypes.ts'
import { placeTable } from '../quantile.ts'
import { isComputed, type Backend, type DrawnJob, type Shared, type Stretch } from './backend.ts'
import { Pool } from './pool.ts'

/** Bytes of a WebAssembly page, and the most of them one memory can have. */
export const PAGE = 65536
export const MOST_PAGES = 65536

const STAGING_BYTES = 65536

/** Draws passed over, step by step, that are worth the quarter of a millisecond in which the jumps are made. */
const WORTH_JUMPING = 1 << 20

/** Elements that a thread claims at a time: a seventh of a millisecond of normals. */
const PIECE = 1 << 18

/** Elements below which a fill is not worth a message to another thread. */
const WORTH_SHARING = 1 << 19

/** The exports of `assembly/index.ts`. */
interface Kernel extends Record<string, unknown> {
  fill(work: number, to: number, first: number, count: number): void
  mapDraws(work: number, to: number, count: number): void
  makeJumps(work: number, tables: number): void
}

export interface WasmOptions {
  /** The kernels. They must be declared for shared memory if `workers` > 0, and for unshared memory if not. */
  readonly module: WebAssembly.Module
  /** Of memory. Pages never touched cost nothing. */
  readonly bytes: number
  readonly workers?: number
  /** Why there are no more workers. */
  readonly reason?: string
  readonly make?: () => object
}

export class WasmBackend implements Backend {
  readonly name = 'wasm'
  readonly simd = true

  private readonly memory: WebAssembly.Memory
  private readonly kernel: Kernel
  /** The constants that the kernels export: offsets in bytes, and codes. */
  private readonly layout: Readonly<Record<string, number>>
  /** This thread's workspace, up to the state. */
  private readonly workspace: Uint32Array
  private readonly staging: number
  private readonly heapStart: number
  private readonly pool: Pool | undefined
  private readonly workers: number
  private readonly reason: string
  private loaded: DrawnJob | undefined
  /** Draws passed over so far. */
  private passed = 0
  /** The view through which the last piece was copied: lists of tensors tend to be of a few sizes. */
  private staged: TensorData | undefined

  /** Throws if the host forbids it, or the memory is too small for so many workers. */
  constructor({ module, bytes, workers = 0, reason = '', make }: WasmOptions) {
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
    this.workers = workers
    this.reason = reason

    // whole 4 KiB, so that the first that is lent does not lie a little after the draws modulo 4096: each load of
    // draws would wait for the store before it
    const perWorker = (STAGING_BYTES + layout.WORKSPACE + 4095) & ~4095
    const area = (worker: number) => layout.TABLE_END + (worker - 1) * perWorker
    this.heapStart = area(workers + 1)
    if (this.heapStart > memory.buffer.byteLength) {
      throw new RangeError(
        `"memory" expected at least ${this.heapStart} bytes for ${workers + 1} threads, got ${bytes}`,
      )
    }
    placeTable(new Float32Array(memory.buffer, 0, layout.TABLE_END / 4))
    if (workers > 0) {
      const counters = Array.from({ length: 64 }, (_, i) => layout.TABLE_END - 64 * (i + 1)) // a cache line each
      this.pool = new Pool({
        workers,
        module,
        memory,
        workspace: (worker) => area(worker) + STAGING_BYTES,
        staging: area,
        stagingBytes: STAGING_BYTES,
        counters,
        make,
      })
    }
  }

  get threads() {
    const failure = this.pool?.failure
    return failure === undefined
      ? { count: this.workers + 1, reason: this.reason }
      : { count: 1, reason: `one thread, because ${failure}` }
  }

  async close() {
    await this.pool?.end('the engine has been closed')
  }

  heap() {
    const { buffer } = this.memory
    return { buffer, start: this.heapStart, end: buffer.byteLength }
  }

  fill(stretch: Stretch): void {
    const { job, target, at, first, count } = stretch
    if (isComputed(job)) return fillComputed(this, stretch, job.map.formula)
    const { kernel, memory, staging } = this
    const { bytes, array } = FORMATS[job.dtype]
    if (target.buffer === memory.buffer) {
      this.pass(first, count)
      this.load(job)
      kernel.fill(0, target.byteOffset + at * bytes, first, count)
      return
    }
    if (job.map.kind === 'constant') {
      target.fill(job.map.value, at, at + count)
      return
    }
    this.pass(first, count)
    this.load(job)
    const { BLOCK } = this.layout
    for (let done = 0; done < count;) {
      // up to the end of a block, so that the next piece need not find its way into one
      const piece = Math.min(count - done, STAGING_BYTES / bytes - ((first + done) % BLOCK))
      kernel.fill(0, staging, first + done, piece)
      if (this.staged?.length !== piece || this.staged.constructor !== array) {
        this.staged = new array(memory.buffer as ArrayBuffer, staging, piece)
      }
      target.set(this.staged, at + done)
      done += piece
    }
  }

  share({ job, target, at, first, count }: Stretch): Shared | undefined {
    const { pool, memory } = this
    if (!pool || isComputed(job) || count < WORTH_SHARING || !isShared(target.buffer)) return undefined
    const { bytes } = FORMATS[job.dtype]
    const place =
      target.buffer === memory.buffer ? { address: target.byteOffset + at * bytes } : { target, at }
    const words = new Uint32Array(this.workspace.length)
    this.write(job, words)
    const running = pool.run({ job: words, bytes, ...place, first, count, piece: PIECE })
    return running && { running, piece: PIECE }
  }

  /** The map and cast of a job on draws that the caller supplies, as in `JsBackend.mapDraws`. */
  mapDraws(job: DrawnJob, draws: Int32Array, target: TensorData, at: number): void {
    const { kernel, memory, staging } = this
    const { array } = FORMATS[job.dtype]
    const piece = this.layout.PIECE
    const from = this.layout.DRAWS
    this.load(job)
    for (let done = 0; done < draws.length; done += piece) {
      const some = draws.subarray(done, done + piece)
      new Int32Array(memory.buffer, from, some.length).set(some)
      kernel.mapDraws(0, staging, some.length)
      target.set(new array(memory.buffer as ArrayBuffer, staging, some.length), at + done)
    }
  }

  /** Notes how many draws will be passed over within a block, which slices do row after row. */
  private pass(first: number, count: number): void {
    if (count > 0) this.passed += first % this.layout.BLOCK
    if (this.passed < WORTH_JUMPING) return
    this.passed = -Infinity
    this.kernel.makeJumps(0, this.staging - this.layout.JUMP_TABLES)
  }

  /** Writes the job into this thread's workspace, unless it is there already. */
  private load(job: DrawnJob): void {
    if (this.loaded === job) return
    this.write(job, this.workspace)
    this.loaded = job
  }

  /** Writes the job as a workspace holds it, from its beginning to the state. */
  private write({ map, dtype, key }: DrawnJob, words: Uint32Array): void {
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

function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}
