/** How much memory a run takes: not more for a larger model, but for its header. */

import { CHUNK_BYTES, type Plan } from '../models/index.ts'

/** Node, the kernels and this program, as measured by `test/cli.test.ts`, which holds the whole to it. */
const PROGRAM = 140e6

/** An upper bound of the resident memory of `init`, in bytes. */
export function peakMemory(plan: Plan): number {
  const headers = plan.files.reduce((sum, { headerBytes }) => sum + headerBytes, 0)
  return PROGRAM + 3 * CHUNK_BYTES + 20 * headers
}
