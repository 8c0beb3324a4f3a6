/** Writes one weight file. While a chunk is written and hashed, the next one is generated and measured. */

import { join } from 'node:path'
import type { Engine, Seed } from '../index.ts'
import { generateChunks, lendBuffers, type PlannedFile } from '../models/index.ts'
import { type Sink, writeSafetensors } from '../safetensors/index.ts'
import { writeFileAtomic } from './atomic-write.ts'
import { digestFile } from './digest.ts'
import type { InitSummary } from './init-summary.ts'
import type { Hasher } from './sha256-worker.ts'

interface WriteShardOptions {
  readonly chunkBytes: number
  readonly hasher: Hasher
  readonly summary: InitSummary
  /** Whether the written bytes stay in the page cache. */
  readonly cache: boolean
  /** Receives the number of bytes generated; may throw to stop. */
  readonly onBytes: (bytes: number) => void
}

/** Returns the SHA-256 of the file. */
export async function writeShard(
  engine: Engine,
  folder: string,
  file: PlannedFile,
  planDigest: string,
  seed: Seed,
  { chunkBytes, hasher, summary, cache, onBytes }: WriteShardOptions,
): Promise<string> {
  const buffers = lendBuffers(engine, chunkBytes)
  async function* generateData() {
    for await (const { bytes, parts } of generateChunks(engine, file, seed, buffers)) {
      for (const part of parts) summary.add(part)
      yield bytes
      onBytes(bytes.length)
    }
  }
  onBytes(file.headerBytes)
  try {
    const write = (sink: Sink) =>
      writeSafetensors(file, generateData(), async (bytes, position) => {
        await Promise.all([sink(bytes, position), hasher.update(bytes)])
      })
    await writeFileAtomic(folder, file.name, planDigest, write, cache)
    return (await hasher.digest()) ?? (await digestFile(join(folder, file.name)))
  } finally {
    for (const buffer of buffers) buffer.release()
  }
}
