/**
 * The manifest of what was generated, for `simdinit verify`: in the folder where the files are, else to be saved beside
 * them. It has the SHA-256 of every file as it can be read again.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { formatManifest, MANIFEST_FILE, createManifest, type Plan } from 'simdinit/models'
import { name, version } from 'simdinit/package.json'
import type { GenerationResult, Progress } from './generate-files.ts'
import { openDestination, type SaveTarget } from './save-targets.ts'
import { createTextFiles } from './plan-service.ts'

/** Bytes that are hashed at a time. */
const HASH_CHUNK_BYTES = 2 ** 22

export async function hashBlob(file: Blob, tell: (done: number) => void): Promise<string> {
  const hash = sha256.create()
  for (let done = 0; done < file.size; done += HASH_CHUNK_BYTES) {
    tell(done)
    hash.update(new Uint8Array(await file.slice(done, done + HASH_CHUNK_BYTES).arrayBuffer()))
  }
  return bytesToHex(hash.digest())
}

export async function buildManifest(
  plan: Plan,
  seed: string,
  place: SaveTarget,
  files: GenerationResult['files'],
  tell: (progress: Progress) => void,
): Promise<Blob> {
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0)
  const digests: string[] = []
  let before = 0
  for (const { blob } of files) {
    digests.push(await hashBlob(blob, (done) => tell({ done: before + done, total })))
    before += blob.size
  }
  const [config] = createTextFiles(plan)
  const configDigest = await hashBlob(new Blob([config.text]), () => {})
  const manifest = createManifest(plan, { seed, package: `${name}@${version}`, configDigest, digests })
  const made = new Blob([formatManifest(manifest)], { type: 'application/json' })
  if (place.kind !== 'folder') return made
  const folder = await openDestination(place, [MANIFEST_FILE], made.size)
  const opened = await folder.open(MANIFEST_FILE, made.size)
  await opened.write(new Uint8Array(await made.arrayBuffer()), 0)
  return opened.finish()
}
