/**
 * Takes files out of the system's memory once the disk has them: posix_fadvise with POSIX_FADV_DONTNEED, which Node
 * has nowhere but in its WASI. It is a request, as in POSIX: where there is no such thing the bytes stay in memory.
 * Sources: POSIX.1-2024, posix_fadvise; WASI preview 1, path_open and fd_advise.
 */

import { createRequire } from 'node:module'
import type * as Wasi from 'node:wasi'

type Call = (...args: (number | bigint)[]) => number

/** Of WASI: the descriptor of the first folder that is opened before, two rights, and what is advised. */
const FOLDER = 3
const FD_READ = 1n << 1n
const FD_ADVISE = 1n << 7n
const DONT_NEED = 4

/** Returns what lets go of a file of `folder`, as far as it is on the disk. */
export function evictor(folder: string): (name: string) => void {
  const wasi = open(folder)
  if (!wasi) return () => {}
  const { call, memory } = wasi
  return (name) => {
    const { written } = new TextEncoder().encodeInto(name, new Uint8Array(memory.buffer, 4))
    if (call.path_open!(FOLDER, 0, 4, written, 0, FD_READ | FD_ADVISE, 0n, 0, 0) !== 0) return
    const file = new DataView(memory.buffer).getUint32(0, true)
    call.fd_advise!(file, 0n, 0n, DONT_NEED)
    call.fd_close!(file)
  }
}

/** The calls, and the memory that they read and write; undefined where this runtime has none. */
function open(folder: string): { call: Record<string, Call>; memory: WebAssembly.Memory } | undefined {
  const { emitWarning } = process
  try {
    process.emitWarning = () => {} // that WASI is experimental is no news for those who run this
    const { WASI } = createRequire(import.meta.url)('node:wasi') as typeof Wasi
    const wasi = new WASI({ version: 'preview1', preopens: { '/': folder } })
    const memory = new WebAssembly.Memory({ initial: 1 })
    wasi.initialize({ exports: { memory } })
    return { call: wasi.wasiImport as Record<string, Call>, memory }
  } catch {
    return undefined
  } finally {
    process.emitWarning = emitWarning
  }
}
