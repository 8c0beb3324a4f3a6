/**
 * Digest files: the SHA-256 of each finished shard, stored next to it until the checkpoint is complete,
 *
 *   .<shard>.<plan>.sha256
 *
 * The last rank writes the manifest from them without reading the other ranks' shards, and a resumed run checks
 * shards without generating them again. They are removed once the manifest is written.
 */

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeTextAtomic } from './atomic-write.ts'
import { getFileSize } from './file-info.ts'
import { readRegularFile } from './read-file.ts'

const DIGEST_FILE_PATTERN = /^\.(.+)\.([0-9a-f]{8})\.sha256$/

/** A digest and a newline. */
const DIGEST_FILE_BYTES = 65

const formatDigestFileName = (shard: string, plan: string) => `.${shard}.${plan}.sha256`

/** The shard and the plan that a digest file belongs to, or undefined if the name is not one of a digest file. */
export function parseDigestFileName(name: string): { shard: string; plan: string } | undefined {
  const [, shard, plan] = DIGEST_FILE_PATTERN.exec(name) ?? []
  return shard === undefined ? undefined : { shard, plan }
}

/** Records that `shard` is complete and durable. */
export function writeDigestFile(folder: string, shard: string, plan: string, digest: string): Promise<void> {
  return writeTextAtomic(folder, formatDigestFileName(shard, plan), plan, `${digest}\n`)
}

/** The recorded digest of a shard, or undefined if there is no digest file or its content is not a digest. */
export function readDigestFile(folder: string, shard: string, plan: string): string | undefined {
  const path = join(folder, formatDigestFileName(shard, plan))
  try {
    if (getFileSize(path) !== DIGEST_FILE_BYTES) return undefined
    return /^([0-9a-f]{64})\n$/.exec(readRegularFile(path, DIGEST_FILE_BYTES).toString('latin1'))?.[1]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // another rank has just removed it
    throw error
  }
}

export function removeDigestFiles(folder: string, plan: string): void {
  for (const name of readdirSync(folder)) {
    if (parseDigestFileName(name)?.plan === plan) rmSync(join(folder, name), { force: true })
  }
}
