/**
 * The end of a checkpoint: whichever rank finds all files there writes what tells of them, the manifest last. Any
 * number of ranks may do so at once, or again: they write the same bytes.
 */

import { copyAuxFile } from './aux-files.ts'
import { MANIFEST_FILE, type Manifest } from '../models/index.ts'
import { formatManifestLines } from '../models/manifest.ts'
import { isSamePlan } from './read-manifest.ts'
import { getFileSize, removeTempFiles, writeTextAtomic } from './atomic-write.ts'
import { readManifest, type CheckpointSpec } from './output-dir.ts'
import { readSidecar, removeSidecars } from './digest-files.ts'
import { join } from 'node:path'

/**
 * Finishes a folder if all files are there. `known` are digests of files that this run has made or checked; of the
 * others the sidecars tell, or the manifest of a rank that was faster. Returns the manifest, or the names of the
 * files that are still missing.
 */
export async function finalizeCheckpoint(
  folder: string,
  spec: CheckpointSpec,
  knownDigests: ReadonlyMap<string, string>,
): Promise<Manifest | readonly string[]> {
  const { plan, planDigest, manifest, textFiles, auxFiles } = spec
  const sidecars = plan.files.map(
    ({ name }) => knownDigests.get(name) ?? readSidecar(folder, name, planDigest),
  )
  // only now: a rank that has finished removes the sidecars after it has written the manifest
  const done = sidecars.includes(undefined) ? readManifestOfPlan(folder, manifest) : undefined
  const files = manifest.files.map((file, i) => ({
    ...file,
    sha256: sidecars[i] ?? done?.files[i].sha256 ?? '',
  }))
  const missing = files.filter(
    ({ name, bytes, sha256 }) => sha256 === '' || getFileSize(join(folder, name)) !== bytes,
  )
  if (missing.length > 0) return missing.map(({ name }) => name)

  for (const companion of auxFiles) await copyAuxFile(folder, planDigest, companion)
  for (const [name, text] of textFiles) await writeTextAtomic(folder, name, planDigest, text)
  const whole = { ...manifest, files }
  await writeTextAtomic(folder, MANIFEST_FILE, planDigest, formatManifestLines(whole))
  cleanUp(folder, planDigest)
  return whole
}

/** Removes what a folder that is finished no longer needs. */
export function cleanUp(folder: string, plan: string): void {
  try {
    removeSidecars(folder, plan)
    removeTempFiles(folder, plan)
  } catch {
    // in a folder that may not be written it stays, and harms nobody
  }
}

/** The manifest that is there, if it is of this plan. */
function readManifestOfPlan(folder: string, manifest: Manifest): Manifest | undefined {
  if (getFileSize(join(folder, MANIFEST_FILE)) === undefined) return undefined
  const present = readManifest(folder)
  return isSamePlan(present, manifest) ? present : undefined
}
