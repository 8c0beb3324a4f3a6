/** Making an engine: the kernels where the host lets them run, plain JavaScript where it does not. */

import { anInteger, anObject, oneOf, wrongKind } from '../errors.ts'
import { STREAM_VERSION } from '../stream.ts'
import type { Backend } from './backend.ts'
import { Engine, type EngineInfo } from './engine.ts'
import { JsBackend } from './js.ts'
import { kernel } from './kernel.generated.ts'
import { MOST_PAGES, PAGE, WasmBackend } from './wasm.ts'

export interface EngineOptions {
  /** 'auto' (default) is wasm where it runs, else js; 'wasm' throws where it does not. The bytes are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /** Accepted for the sake of later versions; this one executes fills on the thread that calls. */
  threads?: 'auto' | number
  /** Bytes of the engine's memory, from which `lend` lends. From 1 MiB to 4 GiB; default 64 MiB. */
  memory?: number
  /** The compiled kernels (`simdinit/kernel.wasm`), where the copy inside the package is not wanted. */
  wasm?: KernelSource
  /** Makes a worker; unused as long as there are no threads. */
  worker?: () => object
}

/** A URL (file: too, in Node), a Response, bytes, or a WebAssembly.Module. */
export type KernelSource = URL | ArrayBuffer | ArrayBufferView | object

const DEFAULT_MEMORY = 2 ** 26

/** Throws a TypeError or RangeError for wrong options, and the host's error if `backend: 'wasm'` cannot be had. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const fields = ['backend', 'threads', 'memory', 'wasm', 'worker']
  const {
    backend = 'auto',
    threads = 'auto',
    memory = DEFAULT_MEMORY,
    wasm,
    worker,
  } = anObject('options', options, fields)
  oneOf('backend', backend, ['auto', 'wasm', 'js'])
  if (threads !== 'auto') anInteger('threads', threads, 1, 1024)
  const bytes = anInteger('memory', memory, 2 ** 20, MOST_PAGES * PAGE)
  if (worker !== undefined && typeof worker !== 'function') wrongKind('worker', 'a function', worker)

  if (backend === 'js') return made(new JsBackend(bytes), 'js was asked for')
  try {
    const module = await compile(wasm as KernelSource | undefined)
    return made(
      new WasmBackend(module, bytes),
      backend === 'wasm' ? 'wasm was asked for' : 'wasm with SIMD runs here',
    )
  } catch (error) {
    if (backend === 'wasm' || wasm !== undefined) throw error
    return made(
      new JsBackend(bytes),
      `js, because wasm failed: ${error instanceof Error ? error.message : error}`,
    )
  }
}

function made(backend: Backend, reason: string): Engine {
  const info: EngineInfo = {
    backend: backend.name,
    simd: backend.simd,
    threads: 1,
    reason: `${reason}; one thread: this version has no others`,
    streamVersion: STREAM_VERSION,
  }
  return new Engine(backend, info)
}

async function compile(wasm: KernelSource | undefined): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined') throw new Error('there is no WebAssembly here')
  if (wasm === undefined) return WebAssembly.compile(decodeBase64(kernel))
  if (wasm instanceof WebAssembly.Module) return wasm
  if (wasm instanceof URL) return compile(await load(wasm))
  if (typeof Response !== 'undefined' && wasm instanceof Response) {
    if (!wasm.ok) throw new Error(`the kernels at ${wasm.url} could not be fetched: status ${wasm.status}`)
    return WebAssembly.compile(await wasm.arrayBuffer())
  }
  if (wasm instanceof ArrayBuffer || ArrayBuffer.isView(wasm)) {
    return WebAssembly.compile(wasm as BufferSource)
  }
  return wrongKind('wasm', 'a URL, a Response, bytes or a WebAssembly.Module', wasm)
}

/** Node's fetch knows no file: URLs. */
async function load(url: URL): Promise<KernelSource> {
  const fs = url.protocol === 'file:' && globalThis.process?.getBuiltinModule?.('node:fs/promises')
  return fs ? fs.readFile(url) : fetch(url)
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
