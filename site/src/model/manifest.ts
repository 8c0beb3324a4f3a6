/**
 * The manifest of what was generated, for `simdinit verify`: in the folder where the files are, else to be saved beside
 * them. It has the SHA-256 of every file as it can be read again.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { formatManifest, MANIFEST, manifestOf, type Plan } from 'simdinit/models'
import { name, version } from 'simdinit/package.json'
import type { Generated, Progress } from './generator.ts'
import { destinationOf, type Place } from './places.ts'
import { textsOf } from './planner.ts'

/** Bytes that are hashed at a time. */
const PIECE = 2 ** 22

export async function digestOf(file: Blob, tell: (done: number) => void): Promise<string> {
  const hash = sha256.create()
  for (let done = 0; done < file.size; done += PIECE) {
    tell(done)
    hash.update(new Uint8Array(await file.slice(done, done + PIECE).arrayBuffer()))
  }
  return bytesToHex(hash.digest())
}

export async function manifestFor(
  plan: Plan,
  seed: string,
  place: Place,
  files: Generated['files'],
  tell: (progress: Progress) => void,
): Promise<Blob> {
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0)
  const digests: string[] = []
  let before = 0
  for (const { blob } of files) {
    digests.push(await digestOf(blob, (done) => tell({ done: before + done, total })))
    before += blob.size
  }
  const [config] = textsOf(plan)
  const configDigest = await digestOf(new Blob([config.text]), () => {})
  const manifest = manifestOf(plan, { seed, package: `${name}@${version}`, configDigest, digests })
  const made = new Blob([...formatManifest(manifest)], { type: 'application/json' })
  if (place.kind !== 'folder') return made
  const folder = await destinationOf(place, [MANIFEST], made.size)
  const opened = await folder.open(MANIFEST, made.size)
  await opened.write(new Uint8Array(await made.arrayBuffer()), 0)
  return opened.finish()
}
