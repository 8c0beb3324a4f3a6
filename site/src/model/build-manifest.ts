/**
 * Builds the manifest of a generated checkpoint for `simdinit verify`. It contains the SHA-256 of every file, which is
 * read again for that. A checkpoint in a folder gets the manifest in this folder; otherwise the page offers it to save.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { formatManifest, MANIFEST_FILE, createManifest, type Plan } from 'simdinit/models'
import { name, version } from 'simdinit/package.json'
import type { GenerationResult, Progress } from './generate-files.ts'
import { openDestination, type SaveTarget } from './save-targets.ts'
import { createTextFiles } from './plan-service.ts'

/** Bytes that are hashed in one step. */
const HASH_CHUNK_BYTES = 2 ** 22

export async function hashBlob(file: Blob, onProgress: (done: number) => void): Promise<string> {
  const hash = sha256.create()
  for (let done = 0; done < file.size; done += HASH_CHUNK_BYTES) {
    onProgress(done)
    hash.update(new Uint8Array(await file.slice(done, done + HASH_CHUNK_BYTES).arrayBuffer()))
  }
  return bytesToHex(hash.digest())
}

export async function buildManifest(
  plan: Plan,
  seed: string,
  target: SaveTarget,
  files: GenerationResult['files'],
  onProgress: (progress: Progress) => void,
): Promise<Blob> {
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0)
  const digests: string[] = []
  let hashed = 0
  for (const { blob } of files) {
    digests.push(await hashBlob(blob, (done) => onProgress({ done: hashed + done, total })))
    hashed += blob.size
  }
  const [config] = createTextFiles(plan)
  const configDigest = await hashBlob(new Blob([config.text]), () => {})
  const manifest = createManifest(plan, { seed, package: `${name}@${version}`, configDigest, digests })
  const blob = new Blob([formatManifest(manifest)], { type: 'application/json' })
  if (target.kind !== 'folder') return blob
  const folder = await openDestination(target, [MANIFEST_FILE], blob.size)
  const writer = await folder.open(MANIFEST_FILE, blob.size)
  await writer.write(new Uint8Array(await blob.arrayBuffer()), 0)
  return writer.finish()
}
