/**
 * Removes a file from the page cache as far as it is on the disk: posix_fadvise with POSIX_FADV_DONTNEED, which Node
 * exposes only through WASI. The call is advisory, as in POSIX: where it is not supported the bytes stay in memory.
 * Sources: POSIX.1-2024, posix_fadvise; WASI preview 1, fd_advise.
 */

import type * as Wasi from 'node:wasi'

type FdAdvise = (descriptor: number, offset: bigint, length: bigint, advice: number) => number

/** Constants of WASI preview 1. */
const STDIN_FD = 0
const ADVICE_DONTNEED = 4

/** Returns a function that evicts the file open as `descriptor`; call it before the file is closed. */
export function createEvictor(descriptor: number): () => void {
  if (process.versions.deno) return () => {} // Deno keeps the descriptor open and the bytes in memory
  const { emitWarning } = process
  try {
    process.emitWarning = () => {} // hides the warning that WASI is experimental
    const { WASI } = process.getBuiltinModule('node:wasi') as typeof Wasi
    const wasi = new WASI({ version: 'preview1', stdin: descriptor }) // the WASI descriptor 0
    wasi.initialize({ exports: { memory: new WebAssembly.Memory({ initial: 0 }) } })
    const { fd_advise } = wasi.wasiImport as { fd_advise: FdAdvise }
    return () => void fd_advise(STDIN_FD, 0n, 0n, ADVICE_DONTNEED)
  } catch {
    return () => {}
  } finally {
    process.emitWarning = emitWarning
  }
}
