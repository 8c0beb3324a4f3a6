/**
 * Completes a checkpoint once all weight files are present: copies the tokenizer files and writes config.json, the
 * index and, last, the manifest. Several ranks may do so at once or repeatedly: they write the same bytes.
 */

import { join } from 'node:path'
import { MANIFEST_FILE, type Manifest } from '../models/index.ts'
import { formatManifestLines } from '../models/manifest.ts'
import { writeTextAtomic } from './atomic-write.ts'
import { copyAuxFile } from './aux-files.ts'
import type { CheckpointSpec } from './checkpoint-spec.ts'
import { readDigestFile, removeDigestFiles } from './digest-files.ts'
import { getFileSize } from './file-info.ts'
import { loadManifest } from './load-manifest.ts'
import { isSamePlan } from './read-manifest.ts'
import { removeTempFiles } from './temp-files.ts'

/**
 * Completes a folder, or returns the names of the weight files that are still missing. `knownDigests` are those of
 * files that this run has written or checked; the other digests come from digest files, or from the manifest if
 * another rank has already completed the folder.
 */
export async function completeCheckpoint(
  folder: string,
  spec: CheckpointSpec,
  knownDigests: ReadonlyMap<string, string>,
): Promise<{ manifest?: Manifest; missing: readonly string[] }> {
  const { planDigest, textFiles, auxFiles } = spec
  const files = readDigests(folder, spec, knownDigests)
  const missing = files.filter(
    ({ name, bytes, sha256 }) => sha256 === '' || getFileSize(join(folder, name)) !== bytes,
  )
  if (missing.length > 0) return { missing: missing.map(({ name }) => name) }

  for (const file of auxFiles) await copyAuxFile(folder, planDigest, file)
  for (const [name, text] of textFiles) await writeTextAtomic(folder, name, planDigest, text)
  const manifest = { ...spec.manifest, files }
  await writeTextAtomic(folder, MANIFEST_FILE, planDigest, formatManifestLines(manifest))
  await cleanUp(folder, planDigest)
  return { manifest, missing: [] }
}

/** The files of the manifest with their digests, '' for those that are not known. */
function readDigests(
  folder: string,
  { files, planDigest, manifest }: CheckpointSpec,
  knownDigests: ReadonlyMap<string, string>,
): Manifest['files'] {
  const digests = files.map(({ name }) => knownDigests.get(name) ?? readDigestFile(folder, name, planDigest))
  // in this order: the rank that completes the checkpoint removes the digest files after it has written the manifest
  const written = digests.includes(undefined) ? readManifestOfPlan(folder, manifest) : undefined
  return manifest.files.map((file, i) => ({
    ...file,
    sha256: digests[i] ?? written?.files[i].sha256 ?? '',
  }))
}

/** Removes digest files and temporary files, which a finished folder does not need. */
export async function cleanUp(folder: string, planDigest: string): Promise<void> {
  try {
    removeDigestFiles(folder, planDigest)
    await removeTempFiles(folder, planDigest)
  } catch {
    // harmless leftovers, in a folder that cannot be written
  }
}

/** The manifest in the folder, if it is of the same plan. */
function readManifestOfPlan(folder: string, manifest: Manifest): Manifest | undefined {
  if (getFileSize(join(folder, MANIFEST_FILE)) === undefined) return undefined
  const found = loadManifest(folder)
  return isSamePlan(found, manifest) ? found : undefined
}
