/** Writes one planned file, hashing and measuring what passes by. */

import { createHash } from 'node:crypto'
import type { Engine, Seed } from '../index.ts'
import { chunksOf, lendBuffers, type PlannedFile } from '../models/index.ts'
import { writeSafetensors } from '../safetensors/index.ts'
import { writeFile } from './files.ts'
import type { Summary } from './summary.ts'

interface Watchers {
  readonly chunkBytes: number
  readonly summary: Summary
  /** Told of bytes made; throws to stop the run. */
  readonly progress: (bytes: number) => void
}

/** Returns the SHA-256 of the file. */
export async function writeCheckpoint(
  engine: Engine,
  folder: string,
  file: PlannedFile,
  planDigest: string,
  seed: Seed,
  { chunkBytes, summary, progress }: Watchers,
): Promise<string> {
  const buffers = lendBuffers(engine, chunkBytes)
  const hash = createHash('sha256').update(file.header)
  async function* data() {
    for await (const { bytes, parts } of chunksOf(engine, file, seed, buffers)) {
      hash.update(bytes)
      for (const part of parts) summary.add(part)
      yield bytes
      progress(bytes.length)
    }
  }
  progress(file.header.length)
  try {
    await writeFile(folder, file.name, planDigest, (sink) => writeSafetensors(file, data(), sink))
  } finally {
    for (const buffer of buffers) buffer.release()
  }
  return hash.digest('hex')
}
