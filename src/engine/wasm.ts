/**
 * The fast engine: the SIMD kernels of `assembly/` on a memory of fixed size (instance.ts), whose rest is lent to
 * callers. A target inside this memory is filled where it lies; any other by way of a staging area.
 */

import { FORMATS, type TensorData } from '../dtypes.ts'
import type { OrthogonalForm } from '../structured/forms.ts'
import { isComputed, type Backend, type DrawnJob, type Making, type Shared, type Stretch } from './backend.ts'
import { fillComputed } from './computed.ts'
import { Instance, STAGING_BYTES } from './instance.ts'
import { Pool } from './pool.ts'
import { kernelProduct, type ProductSize } from './product.ts'
import { SpareInstances } from './spare.ts'
import { OrthogonalMaker } from './wasm-orthogonal.ts'

/** Draws passed over, step by step, that are worth the quarter of a millisecond in which the jumps are made. */
const WORTH_JUMPING = 1 << 20

/** Elements that a thread claims at a time: a seventh of a millisecond of normals. */
const PIECE = 1 << 18

/** Elements below which a fill is not worth a message to another thread. */
const WORTH_SHARING = 1 << 19

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

  private readonly instance: Instance
  private readonly pool: Pool | undefined
  private readonly spares: SpareInstances
  private readonly maker: OrthogonalMaker
  private readonly workers: number
  private readonly reason: string
  private loaded: DrawnJob | undefined
  /** Draws passed over so far. */
  private passed = 0
  /** The view through which the last piece was copied: lists of tensors tend to be of a few sizes. */
  private staged: TensorData | undefined

  /** Throws if the host forbids it, or the memory is too small for so many workers. */
  constructor({ module, bytes, workers = 0, reason = '', make }: WasmOptions) {
    this.workers = workers
    this.reason = reason
    this.instance = new Instance(module, bytes, workers)
    if (workers > 0) this.pool = new Pool({ workers, module, instance: this.instance, make })
    this.spares = new SpareInstances(module, workers)
    this.maker = new OrthogonalMaker(this.spares, this.instance, workers, this.pool)
  }

  get threads() {
    const failure = this.pool?.failure
    return failure === undefined
      ? { count: this.workers + 1, reason: this.reason }
      : { count: 1, reason: `one thread, because ${failure}` }
  }

  async ready() {
    await this.pool?.ready()
  }

  async close() {
    await this.pool?.end('the engine has been closed')
  }

  heap() {
    const { memory, heapStart } = this.instance
    return { buffer: memory.buffer, start: heapStart, end: memory.buffer.byteLength }
  }

  fill(stretch: Stretch): void {
    const { job, target, at, first, count } = stretch
    if (isComputed(job)) return fillComputed(this, stretch, job.map.formula)
    const { kernel, memory, staging } = this.instance
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
    const { BLOCK } = this.instance.layout
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
    const { pool, instance } = this
    const { memory } = instance
    if (!pool || isComputed(job) || count < WORTH_SHARING || !isShared(target.buffer)) return undefined
    const { bytes } = FORMATS[job.dtype]
    const place =
      target.buffer === memory.buffer ? { address: target.byteOffset + at * bytes } : { target, at }
    const words = new Uint32Array(instance.workspace.length)
    instance.write(job, words)
    const running = pool.run('fill', { job: words, bytes, ...place, first, count, piece: PIECE })
    return running && { running, piece: PIECE }
  }

  /** The map and cast of a job on draws that the caller supplies, as in `JsBackend.mapDraws`. */
  mapDraws(job: DrawnJob, draws: Int32Array, target: TensorData, at: number): void {
    const { kernel, memory, staging } = this.instance
    const { array } = FORMATS[job.dtype]
    const { PIECE: piece, DRAWS: from } = this.instance.layout
    this.load(job)
    for (let done = 0; done < draws.length; done += piece) {
      const some = draws.subarray(done, done + piece)
      new Int32Array(memory.buffer, from, some.length).set(some)
      kernel.mapDraws(0, staging, some.length)
      target.set(new array(memory.buffer as ArrayBuffer, staging, some.length), at + done)
    }
  }

  orthogonal(key: Uint32Array, form: OrthogonalForm): Making {
    return this.maker.make(key, form)
  }

  product(a: Float32Array, b: Float32Array, size: ProductSize): Float32Array {
    return kernelProduct(this.instance, this.spares, a, b, size)
  }

  /** Notes how many draws will be passed over within a block, which slices do row after row. */
  private pass(first: number, count: number): void {
    const { kernel, layout, staging } = this.instance
    if (count > 0) this.passed += first % layout.BLOCK
    if (this.passed < WORTH_JUMPING) return
    this.passed = -Infinity
    kernel.makeJumps(0, staging - layout.JUMP_TABLES)
  }

  /** Writes the job into this thread's workspace, unless it is there already. */
  private load(job: DrawnJob): void {
    if (this.loaded === job) return
    this.instance.write(job, this.instance.workspace)
    this.loaded = job
  }
}

function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}
