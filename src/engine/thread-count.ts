/** Chooses the number of threads of an engine. */

import type { KernelSource } from './kernel-source.ts'
import { availableThreads, threadBlocker } from './platform.ts'

/** The largest number that can be requested. */
export const MAX_THREADS = 256
const MAX_AUTO_THREADS = 16

/** The number of threads and the reason for it. Kernels that are given compiled have unshared memory. */
export function resolveThreadCount(
  requested: 'auto' | number,
  wasm: KernelSource | undefined,
): { count: number; reason: string } {
  if (requested === 1) return { count: 1, reason: 'one thread was requested' }
  const isCompiled = globalThis.WebAssembly && wasm instanceof WebAssembly.Module
  const blocker = isCompiled ? 'the kernels were given compiled' : threadBlocker()
  if (blocker) return { count: 1, reason: `one thread, because ${blocker}` }
  if (requested !== 'auto') return { count: requested, reason: `${requested} threads were requested` }
  const cores = availableThreads()
  const count = Math.min(cores, MAX_AUTO_THREADS)
  return count === 1
    ? { count, reason: 'one thread, because there is one core' }
    : { count, reason: `${count} threads for ${cores} cores` }
}
