/** How many threads a run on files uses: hashing and the disk are slower than a few of them. */

import { cores } from '../engine/host.ts'

const ENOUGH = 4

export function threadsFor(wanted: 'auto' | number = 'auto'): number {
  return wanted === 'auto' ? Math.min(ENOUGH, cores()) : wanted
}
