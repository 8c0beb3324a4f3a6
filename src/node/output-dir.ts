/** Checks what an output folder contains before a run: nothing, the plan in whole or in part, or something else. */

import { InputError } from '../errors/simdinit-error.ts'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MANIFEST_FILE, type Manifest, type PlannedFile } from '../models/index.ts'
import { listNonWeightFiles, type CheckpointSpec } from './checkpoint-spec.ts'
import { parseDigestFileName, readDigestFile } from './digest-files.ts'
import { digestFile, digestText } from './digest.ts'
import { getFileSize } from './file-info.ts'
import { loadManifest } from './load-manifest.ts'
import { isSamePlan } from './read-manifest.ts'
import { describeSystemError } from './system-error.ts'
import { isTempName } from './temp-files.ts'

export interface OutputDirState {
  /** Why the checkpoint cannot be written here without force. */
  readonly conflict?: InputError
  /** Whether the manifest and all other files that follow the weights are present. */
  readonly isComplete: boolean
  /** SHA-256 of the weight files that were checked and are correct, by name. */
  readonly verifiedDigests: ReadonlyMap<string, string>
}

/**
 * Returns the digest of a weight file of the right size, or undefined if its bytes are wrong. `recordedDigest` is the
 * one in the manifest or in a digest file.
 */
export type VerifyFile = (
  path: string,
  file: PlannedFile,
  recordedDigest?: string,
) => Promise<string | undefined>

/**
 * Checks an output folder, which may be missing. Files in `filesToVerify` are passed to `verifyFile`; of the other
 * weight files, which are the work of other ranks, only the size is checked. Throws an InputError if the path is not
 * a folder or cannot be read.
 */
export async function checkOutputDir(
  folder: string,
  spec: CheckpointSpec,
  filesToVerify: ReadonlySet<PlannedFile>,
  verifyFile: VerifyFile,
): Promise<OutputDirState> {
  const names = listEntries(folder)
  const isPresent = (name: string) => names.includes(name)
  const verifiedDigests = new Map<string, string>()
  try {
    const manifest = isPresent(MANIFEST_FILE) ? checkManifest(folder, spec) : undefined
    if (!manifest) checkEntries(names, spec)
    await checkNonWeightFiles(folder, listNonWeightFiles(spec).filter(isPresent), spec)
    for (const [i, file] of spec.files.entries()) {
      const { name } = file
      const size = getFileSize(join(folder, name))
      if (size === undefined || (size === file.bytes && !filesToVerify.has(file))) continue
      const recorded = () => manifest?.files[i].sha256 ?? readDigestFile(folder, name, spec.planDigest)
      const digest = size === file.bytes ? await verifyFile(join(folder, name), file, recorded()) : undefined
      if (digest === undefined) throw new Conflict(`a ${name} with different bytes`)
      verifiedDigests.set(name, digest)
    }
    const isComplete = manifest !== undefined && listNonWeightFiles(spec).every(isPresent)
    return { isComplete, verifiedDigests }
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    const conflict = new InputError(`${folder} contains ${error.message}`)
    return { conflict, isComplete: false, verifiedDigests: new Map() }
  }
}

/** Thrown and caught here: what the folder contains, and how to go on. */
class Conflict extends Error {
  constructor(content: string, advice = 'use "force" to replace it') {
    super(`${content}; ${advice}`)
  }
}

function checkManifest(folder: string, spec: CheckpointSpec): Manifest {
  let manifest: Manifest
  try {
    manifest = loadManifest(folder)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new Conflict(`a manifest that cannot be used (${(error as Error).message})`)
  }
  const difference = describeDifference(manifest, spec.manifest)
  if (difference) throw new Conflict(`a different checkpoint (${difference})`)
  return manifest
}

/** Checks the entries of a folder without a manifest. */
function checkEntries(names: readonly string[], spec: CheckpointSpec): void {
  const expected = new Set([...listNonWeightFiles(spec), ...spec.files.map(({ name }) => name)])
  for (const name of names) {
    if (expected.has(name) || isTempName(name)) continue
    const digestFile = parseDigestFileName(name)
    if (digestFile?.plan === spec.planDigest) continue
    if (digestFile) throw new Conflict(`part of a different checkpoint (${name})`)
    throw new Conflict(`other files (${name})`, 'use "force" to write there anyway')
  }
}

async function checkNonWeightFiles(
  folder: string,
  names: readonly string[],
  { textFiles, auxFiles }: CheckpointSpec,
): Promise<void> {
  for (const name of names) {
    const path = join(folder, name)
    const size = getFileSize(path)
    const text = textFiles.get(name)
    const auxFile = auxFiles.find((file) => file.name === name)
    const isSame =
      typeof size === 'number' &&
      (!auxFile || size === auxFile.bytes) &&
      (await digestFile(path)) === (text === undefined ? auxFile?.sha256 : digestText(text))
    if (!isSame) throw new Conflict(`a different ${name}`)
  }
}

/** The entries of a folder; none if it does not exist. */
export function listEntries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    const message =
      code === 'ENOTDIR' ? `${folder} is a file, not a folder` : `${folder}: ${describeSystemError(error)}`
    throw new InputError(message, { cause: error })
  }
}

function describeDifference(found: Manifest, expected: Manifest): string | undefined {
  if (isSamePlan(found, expected)) return undefined
  if (found.seed !== expected.seed)
    return `seed ${JSON.stringify(found.seed)}, not ${JSON.stringify(expected.seed)}`
  if (JSON.stringify(found.recipe) !== JSON.stringify(expected.recipe)) return 'a different recipe'
  if (serializeSlices(found) !== serializeSlices(expected)) return 'different slices'
  if (JSON.stringify(found.copied) !== JSON.stringify(expected.copied)) return 'different tokenizer files'
  const [foundCount, expectedCount] = [found.files.length, expected.files.length]
  if (foundCount !== expectedCount)
    return `${foundCount} file${foundCount === 1 ? '' : 's'}, not ${expectedCount}`
  const [foundDtype, expectedDtype] = [getFirstDtype(found), getFirstDtype(expected)]
  return foundDtype === expectedDtype ? 'a different config' : `dtype ${foundDtype}, not ${expectedDtype}`
}

function serializeSlices({ tensors }: Manifest): string {
  return JSON.stringify(tensors.flatMap(({ name, slice }) => (slice ? [name, slice] : [])))
}

function getFirstDtype({ tensors }: Manifest): string | undefined {
  return tensors[0]?.dtype
}
