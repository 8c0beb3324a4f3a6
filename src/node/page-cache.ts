/**
 * Takes a file out of the system's memory as far as the disk has it: posix_fadvise with POSIX_FADV_DONTNEED, which
 * Node has nowhere but in its WASI. It is a request, as in POSIX: where there is no such thing the bytes stay in memory.
 * Sources: POSIX.1-2024, posix_fadvise; WASI preview 1, fd_advise.
 */

import type * as Wasi from 'node:wasi'

type FdAdvise = (descriptor: number, offset: bigint, length: bigint, advice: number) => number

/** Of WASI. */
const STDIN_FD = 0
const ADVICE_DONTNEED = 4

/** Returns what lets go of the file that is open as `descriptor`, until it is closed. */
export function createEvictor(descriptor: number): () => void {
  if (process.versions.deno) return () => {} // it holds on to the descriptor, and to the bytes
  const { emitWarning } = process
  try {
    process.emitWarning = () => {} // that WASI is experimental is no news for those who run this
    const { WASI } = process.getBuiltinModule('node:wasi') as typeof Wasi
    const wasi = new WASI({ version: 'preview1', stdin: descriptor }) // what a module would read from
    wasi.initialize({ exports: { memory: new WebAssembly.Memory({ initial: 0 }) } })
    const { fd_advise } = wasi.wasiImport as { fd_advise: FdAdvise }
    return () => void fd_advise(STDIN_FD, 0n, 0n, ADVICE_DONTNEED)
  } catch {
    return () => {}
  } finally {
    process.emitWarning = emitWarning
  }
}
