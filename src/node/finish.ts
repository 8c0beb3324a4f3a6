/**
 * The end of a checkpoint: whichever rank finds all files there writes what tells of them, the manifest last. Any
 * number of ranks may do so at once, or again: they write the same bytes.
 */

import { copyCompanion } from './companions.ts'
import { MANIFEST, formatManifest, type Manifest } from '../models/index.ts'
import { samePlan } from './manifest.ts'
import { sizeOfFile, sweep, writeText } from './files.ts'
import { readManifest, type Wanted } from './folder.ts'
import { readSidecar, removeSidecars } from './sidecars.ts'
import { join } from 'node:path'

/**
 * Finishes a folder if all files are there. `known` are digests of files that this run has made or checked; of the
 * others the sidecars tell, or the manifest of a rank that was faster. Returns the manifest, or the names of the
 * files that are still missing.
 */
export async function finish(
  folder: string,
  wanted: Wanted,
  known: ReadonlyMap<string, string>,
): Promise<Manifest | readonly string[]> {
  const { plan, digest, manifest, texts, copies } = wanted
  const sidecars = plan.files.map(({ name }) => known.get(name) ?? readSidecar(folder, name, digest))
  // only now: a rank that has finished removes the sidecars after it has written the manifest
  const done = sidecars.includes(undefined) ? manifestOfPlan(folder, manifest) : undefined
  const files = manifest.files.map((file, i) => ({
    ...file,
    sha256: sidecars[i] ?? done?.files[i].sha256 ?? '',
  }))
  const missing = files.filter(
    ({ name, bytes, sha256 }) => sha256 === '' || sizeOfFile(join(folder, name)) !== bytes,
  )
  if (missing.length > 0) return missing.map(({ name }) => name)

  for (const companion of copies) await copyCompanion(folder, digest, companion)
  for (const [name, text] of texts) await writeText(folder, name, digest, text())
  const whole = { ...manifest, files }
  await writeText(folder, MANIFEST, digest, formatManifest(whole))
  tidy(folder, digest)
  return whole
}

/** Removes what a folder that is finished no longer needs. */
export function tidy(folder: string, plan: string): void {
  try {
    removeSidecars(folder, plan)
    sweep(folder, plan)
  } catch {
    // in a folder that may not be written it stays, and harms nobody
  }
}

/** The manifest that is there, if it is of this plan. */
function manifestOfPlan(folder: string, manifest: Manifest): Manifest | undefined {
  if (sizeOfFile(join(folder, MANIFEST)) === undefined) return undefined
  const present = readManifest(folder)
  return samePlan(present, manifest) ? present : undefined
}
