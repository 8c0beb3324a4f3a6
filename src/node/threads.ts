/** How many threads a run on files uses: hashing and the disk are slower than a few of them. */

import { availableThreads } from '../engine/platform.ts'

const MAX_AUTO_THREADS = 4

export function resolveThreads(wanted: 'auto' | number = 'auto'): number {
  return wanted === 'auto' ? Math.min(MAX_AUTO_THREADS, availableThreads()) : wanted
}
