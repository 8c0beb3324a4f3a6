/**
 * An instance of the kernels of `assembly/` on a memory of its own, which is shared with the workers if there are any:
 *
 *   0                   workspace of this thread (assembly/workspace.ts)
 *   TABLE_POSITIVE      quantile table, positive run: entry h is at address 8h
 *   .. TABLE_NEGATIVE   between the runs: jump tables, and staging for targets outside this memory
 *   TABLE_NEGATIVE      quantile table, negative run
 *   .. TABLE_END        counters of batches
 *   TABLE_END           staging and workspaces of the workers
 *   heapStart           free for the owner
 */

import { SimdinitError } from '../errors/simdinit-error.ts'
import { floatToBits, FORMATS } from '../numeric/dtypes.ts'
import { writeIndexedTable } from '../numeric/normal-quantile.ts'
import { instantiateSync } from './loader.generated.ts'
import type { SampledJob } from './types.ts'

/** Bytes of a WebAssembly page, and the maximum number of pages of a memory. */
export const PAGE_BYTES = 65536
export const MAX_PAGES = 65536

/** Bytes of a staging area, which stays in the second-level cache. */
export const STAGING_BYTES = 65536

/** The exports of `assembly/index.ts`. */
export interface KernelExports extends Record<string, unknown> {
  fill(work: number, to: number, first: number, count: number): void
  applyTransform(work: number, to: number, count: number): void
  buildJumpTables(work: number, tables: number): void
  dataBytes(rows: number, columns: number): number
  scratchBytes(rows: number): number
  resultAddress(work: number): number
  makePanel(work: number, scratch: number, panel: number): void
  initStrip(work: number, scratch: number, strip: number): void
  applyPanel(work: number, scratch: number, strip: number, panel: number): void
  storeStrip(work: number, scratch: number, strip: number): void
  matmulAdd(
    ...addressesAndSizes: [
      ...[a: number, b: number, c: number, rows: number, columns: number, inner: number],
      ...[aRow: number, aInner: number, bRow: number, cRow: number],
    ]
  ): void
}

/** Memory of a fixed size, shared if there are workers. Throws if the host cannot allocate it. */
export function createMemory(bytes: number, workers: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: workers > 0 })
  } catch (cause) {
    const message = `${bytes} bytes could not be allocated for the kernels: ${(cause as Error).message}`
    throw new SimdinitError('ERR_UNAVAILABLE', message, { cause })
  }
}

export class KernelInstance {
  readonly memory: WebAssembly.Memory
  readonly kernel: KernelExports
  /** The constants that the kernels export: offsets in bytes, sizes, and codes. */
  readonly kernelConstants: Readonly<Record<string, number>>
  /** The workspace of this thread, up to the state. */
  readonly workspace: Uint32Array
  readonly staging: number
  /** Beyond the end of a memory that is too small for that number of workers. */
  readonly heapStart: number

  /** Throws if the host forbids WebAssembly. The memory has at least 1 MiB. */
  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, workers: number) {
    this.memory = memory
    const exports = instantiateSync(module, { env: { memory } }).exports as KernelExports
    this.kernel = exports
    const constants = Object.entries(exports).filter(([, value]) => value instanceof WebAssembly.Global)
    const kernelConstants = Object.fromEntries(
      constants.map(([name, value]) => [name, Number((value as WebAssembly.Global).value)]),
    )
    this.kernelConstants = kernelConstants
    this.workspace = new Uint32Array(memory.buffer, 0, kernelConstants.STATE / 4)
    this.staging = (kernelConstants.TABLE_NEGATIVE - STAGING_BYTES) & ~15
    this.heapStart = this.workerMemoryOffset(workers + 1)
    writeIndexedTable(new Float32Array(memory.buffer, 0, kernelConstants.TABLE_END / 4))
  }

  /**
   * The address of the staging area of a worker (1, 2, ...); its workspace follows. Each has a multiple of 4 KiB, so
   * that the first memory that is lent does not start shortly after the draws modulo 4096: each load of draws would
   * wait for the previous store (4K aliasing).
   */
  workerMemoryOffset(worker: number): number {
    const { TABLE_END, WORKSPACE_BYTES } = this.kernelConstants
    return TABLE_END + (worker - 1) * ((STAGING_BYTES + WORKSPACE_BYTES + 4095) & ~4095)
  }

  /** Writes a job in the layout of a workspace, from its beginning to the state. */
  writeJob({ transform, dtype, key }: SampledJob, words: Uint32Array): void {
    const { kernelConstants } = this
    const set = (offset: number, pattern: number) => (words[offset >> 2] = pattern)
    words.set(key, kernelConstants.KEY >> 2)
    set(kernelConstants.TRANSFORM, kernelConstants[KERNEL_CODES[transform.kind]])
    set(kernelConstants.DTYPE, kernelConstants[KERNEL_CODES[dtype]])
    if (transform.kind === 'constant') {
      set(
        kernelConstants.SCALE,
        dtype === 'f32'
          ? floatToBits(transform.value)
          : transform.value * REPEAT_FACTORS[FORMATS[dtype].bytes],
      )
    } else if (transform.kind !== 'bits') {
      set(kernelConstants.SCALE, floatToBits(transform.scale))
      set(kernelConstants.MEAN, floatToBits(transform.mean))
    }
    if ('low' in transform) {
      set(kernelConstants.LOW, floatToBits(transform.low))
      set(kernelConstants.HIGH, floatToBits(transform.high))
    }
    if ('width' in transform) {
      set(kernelConstants.WIDTH, floatToBits(transform.width))
      set(kernelConstants.BASE, floatToBits(transform.base))
      set(kernelConstants.BASE_LOWER, floatToBits(transform.baseLower))
      set(kernelConstants.UPPER_DRAWS, transform.upperDraws)
      set(kernelConstants.ALL_UPPER, transform.upperDraws === 2 ** 32 ? -1 : 0)
    }
  }
}

/** The names of transforms and dtypes among the exports of the kernels. */
const KERNEL_CODES = {
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

/** The factor that repeats a pattern through a 32-bit word, by the bytes of the pattern. */
const REPEAT_FACTORS: Readonly<Record<number, number>> = { 2: 0x10001, 1: 0x1010101 }
