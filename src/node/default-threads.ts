/** The default number of threads of `init`, `verify` and `inspect`: beyond a few, hashing and the disk are the bottleneck. */

import { availableThreads } from '../engine/platform.ts'

const MAX_AUTO_THREADS = 4

export function resolveFileThreads(threads: 'auto' | number = 'auto'): number {
  return threads === 'auto' ? Math.min(MAX_AUTO_THREADS, availableThreads()) : threads
}
