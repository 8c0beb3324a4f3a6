/** Making an engine: the kernels where the host lets them run, plain JavaScript where it does not. */

import { SimdinitError } from '../errors/simdinit-error.ts'
import { checkInteger, checkObject, checkOneOf, throwTypeError } from '../errors/validate.ts'
import { Engine } from './engine.ts'
import { availableThreads, sharedMemoryBlocker } from './platform.ts'
import { JsBackend } from './js-backend.ts'
import { kernel } from './kernel.generated.ts'
import { MAX_PAGES, PAGE_BYTES } from './kernel-instance.ts'
import { WasmBackend } from './wasm-backend.ts'

export interface EngineOptions {
  /** 'auto' (default) is wasm where it runs, else js; 'wasm' throws where it does not. The bytes are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /**
   * Threads that fill at once, the calling one among them; 1 to 256. 'auto' (default) is one a core, at most 16.
   * Workers start with `ready`, or the first fill that is worth it. They change no byte.
   */
  threads?: 'auto' | number
  /** Bytes of the engine's memory, from which `lend` lends. From 1 MiB to 4 GiB; default 64 MiB. */
  memory?: number
  /** The compiled kernels (`simdinit/kernel.wasm`), where the copy inside the package is not wanted. */
  wasm?: KernelSource
  /** Makes a worker from `simdinit/worker`, where one made from a string or blob is forbidden. */
  worker?: () => object
}

/** A URL (file: too, in Node), a Response, bytes, or a WebAssembly.Module. */
export type KernelSource = URL | ArrayBuffer | ArrayBufferView | object

const DEFAULT_MEMORY_BYTES = 2 ** 26
const MAX_THREADS = 256
const MAX_AUTO_THREADS = 16

/** Throws a TypeError or RangeError for wrong options, and the host's error if `backend: 'wasm'` cannot be had. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const fields = ['backend', 'threads', 'memory', 'wasm', 'worker']
  const {
    backend = 'auto',
    threads = 'auto',
    memory = DEFAULT_MEMORY_BYTES,
    wasm,
    worker,
  } = checkObject('options', options, fields)
  checkOneOf('backend', backend, ['auto', 'wasm', 'js'])
  if (threads !== 'auto') checkInteger('threads', threads, 1, MAX_THREADS)
  const bytes = checkInteger('memory', memory, 2 ** 20, MAX_PAGES * PAGE_BYTES)
  if (worker !== undefined && typeof worker !== 'function') throwTypeError('worker', 'a function', worker)

  const createWorker = worker as (() => object) | undefined
  if (backend === 'js') return new Engine(new JsBackend(bytes), 'js was asked for')
  try {
    const code = await readKernel(wasm as KernelSource | undefined)
    const [count, reason] = resolveThreads(threads as 'auto' | number, code)
    const module = await compileModule(code, count > 1)
    const wasmBackend = new WasmBackend({
      module,
      memoryBytes: bytes,
      workers: count - 1,
      reason,
      createWorker,
    })
    return new Engine(wasmBackend, backend === 'wasm' ? 'wasm was asked for' : 'wasm with SIMD runs here')
  } catch (error) {
    if (backend === 'wasm' || wasm !== undefined || error instanceof RangeError) throw error
    const why = error instanceof Error ? error.message : String(error)
    return new Engine(new JsBackend(bytes), `js, because wasm failed: ${why}`)
  }
}

/** How many threads will fill, and why not more. */
function resolveThreads(wanted: 'auto' | number, code: KernelCode): [count: number, reason: string] {
  if (wanted === 1) return [1, 'one thread was asked for']
  const blocker = code instanceof WebAssembly.Module ? 'the kernels came compiled' : sharedMemoryBlocker()
  if (blocker) return [1, `one thread, because ${blocker}`]
  if (wanted !== 'auto') return [wanted, `${wanted} threads were asked for`]
  const count = Math.min(availableThreads(), MAX_AUTO_THREADS)
  return count === 1
    ? [1, 'one thread, because there is one core']
    : [count, `${count} threads for ${availableThreads()} cores`]
}

type KernelCode = Uint8Array<ArrayBuffer> | WebAssembly.Module

/**
 * Compiles the kernels for memory of one kind. They use no atomics, so the two binaries differ in one byte: the
 * flag of the memory that they import, which stands behind the names "env" and "memory" and the kind of import.
 */
async function compileModule(code: KernelCode, shared: boolean): Promise<WebAssembly.Module> {
  if (code instanceof WebAssembly.Module) return code
  const bytes = code.slice()
  const name = [...'\x03env\x06memory\x02'].map((c) => c.charCodeAt(0))
  const at = bytes.findIndex((_, i) => name.every((byte, k) => bytes[i + k] === byte)) + name.length
  const [HAS_MAXIMUM, IS_SHARED] = [1, 2]
  bytes[at] = shared ? HAS_MAXIMUM | IS_SHARED : HAS_MAXIMUM
  return WebAssembly.compile(bytes)
}

/** The kernels of the package, for a memory that is not shared. Throws where the host forbids it. */
export async function compileKernels(): Promise<WebAssembly.Module> {
  return compileModule(await readKernel(undefined), false)
}

async function readKernel(wasm: KernelSource | undefined): Promise<KernelCode> {
  if (typeof WebAssembly === 'undefined')
    throw new SimdinitError('ERR_UNAVAILABLE', 'there is no WebAssembly here')
  if (wasm === undefined) return decodeHex(kernel)
  if (wasm instanceof WebAssembly.Module) return wasm
  if (wasm instanceof URL) return readKernel(await loadUrl(wasm))
  if (typeof Response !== 'undefined' && wasm instanceof Response) {
    if (!wasm.ok)
      throw new SimdinitError(
        'ERR_UNAVAILABLE',
        `the kernels at ${wasm.url} could not be fetched: status ${wasm.status}`,
      )
    return new Uint8Array(await wasm.arrayBuffer())
  }
  if (wasm instanceof ArrayBuffer) return new Uint8Array(wasm)
  if (ArrayBuffer.isView(wasm)) return new Uint8Array(wasm.buffer, wasm.byteOffset, wasm.byteLength).slice()
  return throwTypeError('wasm', 'a URL, a Response, bytes or a WebAssembly.Module', wasm)
}

/** The inlined kernels are in hex: compressed, as servers send it, that is two thirds of what base64 comes to. */
function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  const digit = (i: number) => (text.charCodeAt(i) & 15) + 9 * (text.charCodeAt(i) >> 6)
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * digit(2 * i) + digit(2 * i + 1)
  return bytes
}

/** Node's fetch knows no file: URLs. */
async function loadUrl(url: URL): Promise<KernelSource> {
  const fs = url.protocol === 'file:' && globalThis.process?.getBuiltinModule?.('node:fs/promises')
  return fs ? fs.readFile(url) : fetch(url)
}
