/** Loads and compiles the kernels of `assembly/`. */

import { SimdinitError } from '../errors/simdinit-error.ts'
import { throwTypeError } from '../errors/validate.ts'
import { kernel } from './kernel.generated.ts'
import type { KernelSource } from './kernel-source.ts'

type KernelCode = Uint8Array<ArrayBuffer> | WebAssembly.Module

/** The kernels of the package, for memory that is not shared. Throws what the host throws if it forbids them. */
export async function compileKernels(): Promise<WebAssembly.Module> {
  return compileModule(await readKernel(undefined), false)
}

/** The code of the kernels: of the copy inside the package if no source is given. */
export async function readKernel(source: KernelSource | undefined): Promise<KernelCode> {
  if (typeof WebAssembly === 'undefined')
    throw new SimdinitError('ERR_UNAVAILABLE', 'there is no WebAssembly here')
  if (source === undefined) return decodeHex(kernel)
  if (source instanceof WebAssembly.Module) return source
  if (source instanceof URL) return readKernel(await loadUrl(source))
  if (typeof Response !== 'undefined' && source instanceof Response) return readResponse(source)
  if (ArrayBuffer.isView(source))
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
  if (Object.prototype.toString.call(source) === '[object ArrayBuffer]')
    return new Uint8Array(source as ArrayBuffer)
  return throwTypeError('wasm', 'a URL, a Response, bytes or a WebAssembly.Module', source)
}

async function readResponse(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) {
    const message = `the kernels at ${response.url} could not be fetched: status ${response.status}`
    throw new SimdinitError('ERR_UNAVAILABLE', message)
  }
  return new Uint8Array(await response.arrayBuffer())
}

/** `fetch` of Node does not support file: URLs. */
async function loadUrl(url: URL): Promise<KernelSource> {
  const fs = url.protocol === 'file:' && globalThis.process?.getBuiltinModule?.('node:fs/promises')
  return fs ? fs.readFile(url) : fetch(url)
}

/**
 * Compiles the kernels for shared or unshared memory. They use no atomics, so the two binaries differ in one byte: the
 * flags of the imported memory, which follow the names "env" and "memory" and the kind of import.
 */
export async function compileModule(code: KernelCode, shared: boolean): Promise<WebAssembly.Module> {
  if (code instanceof WebAssembly.Module) return code
  const bytes = code.slice()
  const memoryImport = [...'\x03env\x06memory\x02'].map((char) => char.charCodeAt(0))
  const start = bytes.findIndex((_, i) => memoryImport.every((byte, k) => bytes[i + k] === byte))
  const [HAS_MAXIMUM, IS_SHARED] = [1, 2]
  bytes[start + memoryImport.length] = shared ? HAS_MAXIMUM | IS_SHARED : HAS_MAXIMUM
  return WebAssembly.compile(bytes)
}

/** The inlined kernels are in hex, which servers compress to two thirds of the size of compressed base64. */
function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  const digit = (i: number) => (text.charCodeAt(i) & 15) + 9 * (text.charCodeAt(i) >> 6)
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * digit(2 * i) + digit(2 * i + 1)
  return bytes
}
