/** What an output folder holds already, and whether a plan may go there. Nothing here writes but its last part. */

import { InputError } from '../errors/simdinit-error.ts'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { MANIFEST_FILE, type Manifest, type Plan, type PlannedFile } from '../models/index.ts'
import { digestFile, digestText } from './compare.ts'
import type { AuxFile } from './aux-files.ts'
import { isTempName, getFileSize } from './atomic-write.ts'
import { INDEX_FILE } from '../safetensors/index.ts'
import { listIndexFiles } from './read-index.ts'
import { checkFileName, isFileName, listManifestFiles, parseManifest, isSamePlan } from './read-manifest.ts'
import { parseSidecar, readSidecar } from './digest-files.ts'
import { describeErrno } from './model-source.ts'

export const CONFIG_NAME = 'config.json'

/** What a folder should hold when all is done. */
export interface CheckpointSpec {
  readonly plan: Plan
  /** Of the plan: it is in the names of temporary files and sidecars. */
  readonly planDigest: string
  /** Without the digests of files. */
  readonly manifest: Manifest
  /** The files that are written last, by name: config.json, and the index if there are shards. */
  readonly textFiles: ReadonlyMap<string, string>
  /** Copied from the folder of the config. */
  readonly auxFiles: readonly AuxFile[]
}

/** What has been found in a folder. */
export interface OutputDirState {
  /** Why the plan may not go there without force. */
  readonly conflict?: InputError
  /** All that is written last is there. */
  readonly isComplete: boolean
  /** SHA-256 of the files that were checked and are right, by name. */
  readonly verifiedDigests: ReadonlyMap<string, string>
}

/**
 * Looks at a folder: missing or empty, of this plan in whole or in part, or with other content. `isRight` is asked
 * for each file of `checked` that is there with the right size, with the digest that the manifest or a sidecar
 * says; its answer is the file's digest, or undefined if it holds other bytes. Of the other files of the plan,
 * which are other ranks' work, the size alone is looked at. Throws an InputError if the folder is none, or cannot
 * be read.
 */
export async function checkOutputDir(
  folder: string,
  spec: CheckpointSpec,
  checked: ReadonlySet<PlannedFile>,
  isRight: (path: string, file: PlannedFile, digest?: string) => Promise<string | undefined>,
): Promise<OutputDirState> {
  const { plan, planDigest, manifest } = spec
  const names = listEntries(folder)
  const verifiedDigests = new Map<string, string>()
  const conflictBecause = (reason: string): OutputDirState => ({
    conflict: new InputError(`${folder} holds ${reason}`),
    isComplete: false,
    verifiedDigests: new Map(),
  })

  let present: Manifest | undefined
  if (names.includes(MANIFEST_FILE)) {
    try {
      present = readManifest(folder)
    } catch (error) {
      return conflictBecause(
        `a manifest that cannot be used (${(error as Error).message}); --force replaces it`,
      )
    }
    const difference = describeDifference(present, manifest)
    if (difference) return conflictBecause(`another plan (${difference}); use --force to replace it`)
  } else {
    const known = new Set([...listAuxFileNames(spec), ...plan.files.map(({ name }) => name)])
    for (const name of names) {
      if (known.has(name) || isTempName(name)) continue
      const sidecar = parseSidecar(name)
      if (sidecar?.plan === planDigest) continue
      if (sidecar) return conflictBecause(`part of another plan (${name}); use --force to replace it`)
      return conflictBecause(`other content (${name}); use --force to write there all the same`)
    }
  }

  for (const name of listAuxFileNames(spec)) {
    if (names.includes(name) && !(await hasExpectedContent(folder, name, spec))) {
      return conflictBecause(`another ${name}; use --force to replace it`)
    }
  }
  for (const [i, file] of plan.files.entries()) {
    const { name } = file
    const path = join(folder, name)
    const size = getFileSize(path)
    if (size === undefined || (size === file.bytes && !checked.has(file))) continue
    const recordedDigest = () => present?.files[i].sha256 ?? readSidecar(folder, name, planDigest)
    const digest = size === file.bytes ? await isRight(path, file, recordedDigest()) : undefined
    if (digest === undefined) {
      return conflictBecause(`a ${name} with other bytes than this plan gives it; use --force to replace it`)
    }
    verifiedDigests.set(name, digest)
  }
  const isComplete = present !== undefined && listAuxFileNames(spec).every((name) => names.includes(name))
  return { isComplete, verifiedDigests }
}

/** The manifest of a folder. Throws an InputError if there is none, or none that can be used. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST_FILE)
  try {
    if (getFileSize(path) === 'not a file') throw new InputError(`${path}: it is not a file`)
    return parseManifest(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof InputError) throw error
    const { code } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT'
        ? `${folder} holds no ${MANIFEST_FILE}`
        : code === 'ENOTDIR'
          ? `${folder}: it is a file, not a folder`
          : `${path}: ${describeErrno(code)}`
    throw new InputError(reason, { cause: error })
  }
}

function listEntries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    const reason = code === 'ENOTDIR' ? 'it is a file, not a folder' : describeErrno(code)
    throw new InputError(`${folder}: ${reason}`, { cause: error })
  }
}

/** The files of a folder beside the weights and the manifest. */
function listAuxFileNames({ textFiles, auxFiles }: CheckpointSpec): string[] {
  return [...textFiles.keys(), ...auxFiles.map(({ name }) => name)]
}

async function hasExpectedContent(
  folder: string,
  name: string,
  { textFiles, auxFiles }: CheckpointSpec,
): Promise<boolean> {
  const path = join(folder, name)
  const text = textFiles.get(name)
  if (text !== undefined) {
    return typeof getFileSize(path) === 'number' && (await digestFile(path)) === digestText(text)
  }
  const copy = auxFiles.find((companion) => companion.name === name)!
  return getFileSize(path) === copy.bytes && (await digestFile(path)) === copy.sha256
}

function serializeSlices({ tensors }: Manifest): string {
  return JSON.stringify(tensors.flatMap(({ name, slice }) => (slice ? [name, slice] : [])))
}

function describeDifference(present: Manifest, expected: Manifest): string | undefined {
  if (isSamePlan(present, expected)) return undefined
  const [a, b] = [present, expected]
  if (a.seed !== b.seed) return `seed ${JSON.stringify(a.seed)}, not ${JSON.stringify(b.seed)}`
  if (JSON.stringify(a.recipe) !== JSON.stringify(b.recipe)) return 'another recipe'
  if (serializeSlices(a) !== serializeSlices(b)) return 'another slice'
  if (JSON.stringify(a.copied) !== JSON.stringify(b.copied)) return 'other tokenizer files or the like'
  if (a.files.length !== b.files.length) {
    return `${a.files.length} file${a.files.length === 1 ? '' : 's'}, not ${b.files.length}`
  }
  const [of, wanted] = [findDtype(a), findDtype(b)]
  return of === wanted ? 'another config' : `${of}, not ${wanted}`
}

/** The dtype of the first tensor. */
function findDtype({ tensors }: Manifest): string | undefined {
  return tensors[0]?.dtype
}

/**
 * What --force removes: the files that the manifest, the index or the sidecars of an earlier checkpoint name, and
 * those themselves first. Throws an InputError, before anything is removed, where a folder stands in the way.
 */
export function listFilesToDelete(folder: string, wanted: CheckpointSpec): string[] {
  const sidecars = listEntries(folder).filter((name) => parseSidecar(name))
  const lists = [MANIFEST_FILE, INDEX_FILE].filter((name) => getFileSize(join(folder, name)) !== undefined)
  const named = [
    ...lists.flatMap((name) => listReferencedFiles(join(folder, name))),
    ...sidecars.map((name) => parseSidecar(name)?.shard as string).filter(isFileName),
  ]
  const planned = [...listAuxFileNames(wanted), ...wanted.plan.files.map(({ name }) => name)]
  for (const name of [...lists, ...named, ...planned]) {
    const path = join(folder, name)
    if (getFileSize(path) === 'not a file' && isFolder(path)) {
      throw new InputError(`${path}: it is a folder, and --force removes files only`)
    }
  }
  const kept = new Set(wanted.auxFiles.map(({ name }) => name)) // they may be what is copied
  return [...new Set([...lists, ...sidecars, ...named])].filter(
    (name) => !kept.has(name) && existsSync(join(folder, name)),
  )
}

/** The files that an index or a manifest names; none if it cannot be read, or names anything outside its folder. */
function listReferencedFiles(path: string): string[] {
  try {
    const text = readFileSync(path, 'utf8')
    return basename(path) === INDEX_FILE
      ? listIndexFiles(text)
      : listManifestFiles(text).map((file) => checkFileName((file as { name: unknown }).name))
  } catch {
    return []
  }
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}

/**
 * Makes the folder if it is not there, and looks whether `bytes` fit once the `doomed` files are gone. Returns how
 * many are free, and what takes away again the folders that were made here, if they are empty. Throws an InputError.
 */
export function prepareOutputDir(
  folder: string,
  bytes: number,
  toDelete: readonly string[],
): { free: number; rollback: () => void } {
  const createdFolders: string[] = []
  const rollback = () => {
    for (const path of createdFolders.toReversed()) {
      try {
        rmdirSync(path)
      } catch {
        return // it holds something, another rank's work for example
      }
    }
  }
  try {
    createFolder(folder, createdFolders)
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    const freed = toDelete.map((name) => Number(getFileSize(join(folder, name))) || 0)
    const free = freed.reduce((sum, size) => sum + size, bavail * bsize)
    if (free < bytes)
      throw new InputError(`${folder}: ${bytes} bytes are needed, and ${free} are free on its disk`)
    return { free, rollback }
  } catch (error) {
    rollback()
    if (error instanceof InputError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new InputError(`${folder} cannot be written: ${describeErrno(code)}`, { cause: error })
  }
}

/** Removes files of a folder, in the order of their names in the list. */
export function removeFiles(folder: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, name), { force: true })
}

/** Makes a folder and those above it. (Node 20's own `recursive` never returns under /proc.) */
function createFolder(folder: string, made: string[]): void {
  if (existsSync(folder)) return
  const above = dirname(resolve(folder))
  if (above !== resolve(folder)) createFolder(above, made)
  try {
    mkdirSync(folder)
    made.push(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another rank was faster
  }
}
