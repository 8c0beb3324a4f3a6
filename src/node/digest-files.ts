/**
 * Sidecars: the SHA-256 of each shard that is done, beside it while the checkpoint is not, so that whichever rank
 * comes last can write the manifest without reading what the others wrote, and a run that is continued can check
 * its files without making them again. They go when the manifest is there.
 *
 *   .<shard>.<plan>.sha256
 */

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { getFileSize, writeTextAtomic } from './atomic-write.ts'

const SIDECAR_PATTERN = /^\.(.+)\.([0-9a-f]{8})\.sha256$/

const formatSidecarName = (shard: string, plan: string) => `.${shard}.${plan}.sha256`

/** The shard and the plan of a sidecar; undefined if it is the name of something else. */
export function parseSidecar(name: string): { shard: string; plan: string } | undefined {
  const [, shard, plan] = SIDECAR_PATTERN.exec(name) ?? []
  return shard === undefined ? undefined : { shard, plan }
}

/** Says that `shard` is there, whole and durable. */
export function writeSidecar(folder: string, shard: string, plan: string, digest: string): Promise<void> {
  return writeTextAtomic(folder, formatSidecarName(shard, plan), plan, `${digest}\n`)
}

/** What the sidecar of a shard says; undefined if there is none, or it says nothing that is a digest. */
export function readSidecar(folder: string, shard: string, plan: string): string | undefined {
  const path = join(folder, formatSidecarName(shard, plan))
  try {
    if (getFileSize(path) !== 65) return undefined
    return /^([0-9a-f]{64})\n$/.exec(readFileSync(path, 'latin1'))?.[1]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // another rank was faster
    throw error
  }
}

export function removeSidecars(folder: string, plan: string): void {
  for (const name of readdirSync(folder)) {
    if (parseSidecar(name)?.plan === plan) rmSync(join(folder, name), { force: true })
  }
}
