/** How long files will take: the first megabytes of them are made and hashed, and not written. */

import { createHash } from 'node:crypto'
import type { Engine, Seed } from '../index.ts'
import { generateChunks, lendBuffers, type PlannedFile } from '../models/index.ts'

const PROBE_BYTES = 2 ** 24

/** Seconds that making and hashing the files takes here, whichever of the two takes longer. */
export async function estimateSeconds(
  engine: Engine,
  files: readonly PlannedFile[],
  seed: Seed,
): Promise<number> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const buffers = lendBuffers(engine)
  const hash = createHash('sha256')
  let [seen, making, hashing] = [0, 0, 0]
  try {
    for (const file of files) {
      let from = performance.now()
      for await (const chunk of generateChunks(engine, file, seed, buffers)) {
        const made = performance.now()
        hash.update(chunk.bytes)
        const hashed = performance.now()
        making += made - from
        hashing += hashed - made
        seen += chunk.bytes.length
        from = hashed
        if (seen >= PROBE_BYTES) break
      }
      if (seen >= PROBE_BYTES) break
    }
  } finally {
    for (const buffer of buffers) buffer.release()
  }
  return seen === 0 ? 0 : ((Math.max(making, hashing) / 1000) * bytes) / seen
}
