/** Writes one planned file. While a chunk is written and hashed, the next one is made and measured. */

import type { Engine, Seed } from '../index.ts'
import { chunksOf, lendBuffers, type PlannedFile } from '../models/index.ts'
import { type Sink, writeSafetensors } from '../safetensors/index.ts'
import { writeFile } from './files.ts'
import type { Hasher } from './hasher.ts'
import type { Summary } from './summary.ts'

interface Watchers {
  readonly chunkBytes: number
  readonly hasher: Hasher
  readonly summary: Summary
  /** Whether what the disk has stays in the system's memory. */
  readonly cache: boolean
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
  { chunkBytes, hasher, summary, cache, progress }: Watchers,
): Promise<string> {
  const buffers = lendBuffers(engine, chunkBytes)
  async function* data() {
    for await (const { bytes, parts } of chunksOf(engine, file, seed, buffers)) {
      for (const part of parts) summary.add(part)
      yield bytes
      progress(bytes.length)
    }
  }
  progress(file.headerBytes)
  try {
    const write = (sink: Sink) =>
      writeSafetensors(file, data(), async (bytes, position) => {
        await Promise.all([sink(bytes, position), hasher.update(bytes)])
      })
    await writeFile(folder, file.name, planDigest, write, cache)
    return await hasher.digest()
  } finally {
    for (const buffer of buffers) buffer.release()
  }
}
