/** Creates an engine: on the kernels where the host can run them, else in plain JavaScript. */

import { createRangeError } from '../errors/simdinit-error.ts'
import { checkByteOrder } from '../numeric/byte-order.ts'
import { checkInteger, checkObject, checkOneOf, throwTypeError } from '../errors/validate.ts'
import { Engine } from './engine.ts'
import { JsBackend } from './js-backend.ts'
import { createMemory, MAX_PAGES, PAGE_BYTES } from './kernel-instance.ts'
import type { KernelSource } from './kernel-source.ts'
import { compileModule, readKernel } from './load-kernel.ts'
import type { NodeWorkerLike, WebWorkerLike } from './platform.ts'
import { MAX_THREADS, resolveThreadCount } from './thread-count.ts'
import { WasmBackend } from './wasm-backend.ts'

/** The options of `createEngine`. None of them changes a byte of a tensor. */
export interface EngineOptions {
  /** 'wasm' for the kernels (rejected where they cannot run), 'js' for plain JavaScript. Default 'auto': wasm, else js. */
  backend?: 'auto' | 'wasm' | 'js'
  /**
   * The number of threads that fill at once, the calling one included, from 1 to 256. Default 'auto': one per core, at
   * most 16. Workers start with `warmUp()`, or with the first fill that is large enough to be shared.
   */
  threads?: 'auto' | number
  /** Bytes of the engine's own memory, which `lend` lends: 1 MiB to 4 GiB. Default 64 MiB. */
  memory?: number
  /** The compiled kernels (`simdinit/kernel.wasm`). Default: the copy inside the package. */
  wasm?: KernelSource
  /** Creates a worker from `simdinit/worker`. Default: from a string or blob, which some pages forbid. */
  worker?: () => WebWorkerLike | NodeWorkerLike
}

const OPTION_FIELDS = ['backend', 'threads', 'memory', 'wasm', 'worker']
const DEFAULT_MEMORY_BYTES = 2 ** 26

/**
 * Creates an engine, which fills arrays with initial weights.
 *
 * @param options All optional; see EngineOptions.
 * @returns The engine. Call `close()` when done with it, or declare it with `await using`.
 * @throws TypeError or RangeError for an invalid option, or if the memory is too small for the number of threads.
 * @throws The error of the host, if it cannot run the kernels and `backend` is 'wasm', or if a given `wasm` cannot be
 * loaded. Without memory for the kernels and `backend` 'wasm', a SimdinitError (ERR_UNAVAILABLE).
 * @example
 * import { createEngine, heNormal } from 'simdinit'
 * const engine = await createEngine({ threads: 1 })
 * const { data } = await engine.tensor([784, 256], heNormal(), { seed: 42, name: 'fc1.weight' })
 * console.log(data.length, engine.info.threads) // 200704 1
 * await engine.close()
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkByteOrder()
  const { backend, threads, memory: memoryBytes, wasm, worker } = checkOptions(options)
  if (backend === 'js') return new Engine(new JsBackend(memoryBytes), 'js was requested')
  const replaceWasm = (error: unknown) => {
    if (backend === 'wasm') throw error
    const cause = error instanceof Error ? error.message : String(error)
    return new Engine(new JsBackend(memoryBytes), `js, because wasm failed: ${cause}`)
  }
  const { count, reason } = resolveThreadCount(threads, wasm)
  const workers = count - 1
  let memory: WebAssembly.Memory
  try {
    memory = createMemory(memoryBytes, workers)
  } catch (error) {
    return replaceWasm(error)
  }
  let wasmBackend: WasmBackend
  try {
    const module = await compileModule(await readKernel(wasm), workers > 0)
    wasmBackend = new WasmBackend({ module, memory, workers, reason, createWorker: worker })
  } catch (error) {
    if (wasm !== undefined) throw error
    return replaceWasm(error)
  }
  const { start, end } = wasmBackend.freeMemory()
  if (start > end)
    throw createRangeError(
      `"memory" must be at least ${start} bytes for ${count} threads; received ${memoryBytes}`,
    )
  return new Engine(wasmBackend, backend === 'wasm' ? 'wasm was requested' : 'wasm with SIMD runs here')
}

function checkOptions(options: EngineOptions) {
  checkObject('options', options, OPTION_FIELDS)
  const { backend = 'auto', threads = 'auto', memory = DEFAULT_MEMORY_BYTES, wasm, worker } = options
  checkOneOf('backend', backend, ['auto', 'wasm', 'js'])
  if (threads !== 'auto') checkInteger('threads', threads, 1, MAX_THREADS)
  checkInteger('memory', memory, 2 ** 20, MAX_PAGES * PAGE_BYTES)
  if (worker !== undefined && typeof worker !== 'function') throwTypeError('worker', 'a function', worker)
  return { backend, threads, memory, wasm, worker }
}
