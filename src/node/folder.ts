/** What an output folder holds already, and whether a plan may go there. Nothing here writes but its last part. */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { InputError, MANIFEST, type Manifest, type Plan, type PlannedFile } from '../models/index.ts'
import { digestFile, digestText } from './compare.ts'
import type { Companion } from './companions.ts'
import { isTemporary, piecesOf, sizeOfFile } from './files.ts'
import { INDEX } from '../safetensors/index.ts'
import { filesOfIndex } from './index-files.ts'
import { aFileName, isFileName, listsOf, parseManifest, samePlan, type ReadManifest } from './manifest.ts'
import { parseSidecar, readSidecar } from './sidecars.ts'
import { sayCode } from './source.ts'

export const CONFIG = 'config.json'

/** What a folder should hold when all is done. */
export interface Wanted {
  readonly plan: Plan
  /** Of the plan: it is in the names of temporary files and sidecars. */
  readonly digest: string
  /** Without the digests of files. */
  readonly manifest: Manifest
  /** The files that are written last, by name, in pieces: config.json, and the index if there are shards. */
  readonly texts: ReadonlyMap<string, () => Iterable<string>>
  /** Copied from the folder of the config. */
  readonly copies: readonly Companion[]
}

/** What has been found in a folder. */
export interface Survey {
  /** Why the plan may not go there without force. */
  readonly obstacle?: InputError
  /** All that is written last is there. */
  readonly finished: boolean
  /** SHA-256 of the files that were checked and are right, by name. */
  readonly right: ReadonlyMap<string, string>
}

/**
 * Looks at a folder: missing or empty, of this plan in whole or in part, or with other content. `isRight` is asked
 * for each file of `checked` that is there with the right size, with the digest that the manifest or a sidecar
 * says; its answer is the file's digest, or undefined if it holds other bytes. Of the other files of the plan,
 * which are other ranks' work, the size alone is looked at. Throws an InputError if the folder is none, or cannot
 * be read.
 */
export async function survey(
  folder: string,
  wanted: Wanted,
  checked: ReadonlySet<PlannedFile>,
  isRight: (path: string, file: PlannedFile, digest?: string) => Promise<string | undefined>,
): Promise<Survey> {
  const { plan, digest: planDigest, manifest } = wanted
  const names = entries(folder)
  const right = new Map<string, string>()
  const blocked = (reason: string): Survey => ({
    obstacle: new InputError(`${folder} holds ${reason}`),
    finished: false,
    right: new Map(),
  })

  let present: Manifest | undefined
  if (names.includes(MANIFEST)) {
    try {
      present = readManifest(folder)
    } catch (error) {
      return blocked(`a manifest that cannot be used (${(error as Error).message}); --force replaces it`)
    }
    const difference = differenceOf(present, manifest)
    if (difference) return blocked(`another plan (${difference}); use --force to replace it`)
  } else {
    const known = new Set([...namesBeside(wanted), ...plan.files.map(({ name }) => name)])
    for (const name of names) {
      if (known.has(name) || isTemporary(name)) continue
      const sidecar = parseSidecar(name)
      if (sidecar?.plan === planDigest) continue
      if (sidecar) return blocked(`part of another plan (${name}); use --force to replace it`)
      return blocked(`other content (${name}); use --force to write there all the same`)
    }
  }

  for (const name of namesBeside(wanted)) {
    if (names.includes(name) && !(await isAsWanted(folder, name, wanted))) {
      return blocked(`another ${name}; use --force to replace it`)
    }
  }
  for (const [i, file] of plan.files.entries()) {
    const { name } = file
    const path = join(folder, name)
    const size = sizeOfFile(path)
    if (size === undefined || (size === file.bytes && !checked.has(file))) continue
    const said = () => present?.files[i].sha256 ?? readSidecar(folder, name, planDigest)
    const digest = size === file.bytes ? await isRight(path, file, said()) : undefined
    if (digest === undefined) {
      return blocked(`a ${name} with other bytes than this plan gives it; use --force to replace it`)
    }
    right.set(name, digest)
  }
  const finished = present !== undefined && namesBeside(wanted).every((name) => names.includes(name))
  return { finished, right }
}

/** The manifest of a folder. Throws an InputError if there is none, or none that can be used. */
export function readManifest(folder: string): ReadManifest {
  const path = join(folder, MANIFEST)
  try {
    if (sizeOfFile(path) === 'not a file') throw new InputError(`${path}: it is not a file`)
    return parseManifest(() => piecesOf(path))
  } catch (error) {
    if (error instanceof InputError) throw error
    const { code } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT'
        ? `${folder} holds no ${MANIFEST}`
        : code === 'ENOTDIR'
          ? `${folder}: it is a file, not a folder`
          : `${path}: ${sayCode(code)}`
    throw new InputError(reason, { cause: error })
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    const reason = code === 'ENOTDIR' ? 'it is a file, not a folder' : sayCode(code)
    throw new InputError(`${folder}: ${reason}`, { cause: error })
  }
}

/** The files of a folder beside the weights and the manifest. */
function namesBeside({ texts, copies }: Wanted): string[] {
  return [...texts.keys(), ...copies.map(({ name }) => name)]
}

async function isAsWanted(folder: string, name: string, { texts, copies }: Wanted): Promise<boolean> {
  const path = join(folder, name)
  const text = texts.get(name)
  if (text !== undefined) {
    return typeof sizeOfFile(path) === 'number' && (await digestFile(path)) === digestText(text())
  }
  const copy = copies.find((companion) => companion.name === name)!
  return sizeOfFile(path) === copy.bytes && (await digestFile(path)) === copy.sha256
}

function slicesOf({ tensors }: Manifest): string {
  const cut: unknown[] = []
  for (const { name, slice } of tensors) if (slice) cut.push(name, slice)
  return JSON.stringify(cut)
}

function differenceOf(present: Manifest, expected: Manifest): string | undefined {
  if (samePlan(present, expected)) return undefined
  const [a, b] = [present, expected]
  if (a.seed !== b.seed) return `seed ${JSON.stringify(a.seed)}, not ${JSON.stringify(b.seed)}`
  if (JSON.stringify(a.recipe) !== JSON.stringify(b.recipe)) return 'another recipe'
  if (slicesOf(a) !== slicesOf(b)) return 'another slice'
  if (JSON.stringify(a.copied) !== JSON.stringify(b.copied)) return 'other tokenizer files or the like'
  if (a.files.length !== b.files.length) {
    return `${a.files.length} file${a.files.length === 1 ? '' : 's'}, not ${b.files.length}`
  }
  const [of, wanted] = [dtypeOf(a), dtypeOf(b)]
  return of === wanted ? 'another config' : `${of}, not ${wanted}`
}

/** That of the first tensor. */
function dtypeOf({ tensors }: Manifest): string | undefined {
  for (const { dtype } of tensors) return dtype
  return undefined
}

/**
 * What --force removes: the files that the manifest, the index or the sidecars of an earlier checkpoint name, and
 * those themselves first. Throws an InputError, before anything is removed, where a folder stands in the way.
 */
export function filesToClear(folder: string, wanted: Wanted): string[] {
  const sidecars = entries(folder).filter((name) => parseSidecar(name))
  const lists = [MANIFEST, INDEX].filter((name) => sizeOfFile(join(folder, name)) !== undefined)
  const named = [
    ...lists.flatMap((name) => namesIn(join(folder, name))),
    ...sidecars.map((name) => parseSidecar(name)?.shard as string).filter(isFileName),
  ]
  const planned = [...namesBeside(wanted), ...wanted.plan.files.map(({ name }) => name)]
  for (const name of [...lists, ...named, ...planned]) {
    const path = join(folder, name)
    if (sizeOfFile(path) === 'not a file' && isFolder(path)) {
      throw new InputError(`${path}: it is a folder, and --force removes files only`)
    }
  }
  const kept = new Set(wanted.copies.map(({ name }) => name)) // they may be what is copied
  return [...new Set([...lists, ...sidecars, ...named])].filter(
    (name) => !kept.has(name) && existsSync(join(folder, name)),
  )
}

/** The files that an index or a manifest names; none if it cannot be read, or names anything outside its folder. */
function namesIn(path: string): string[] {
  const read = () => piecesOf(path)
  try {
    return basename(path) === INDEX
      ? filesOfIndex(read)
      : listsOf(read).map((file) => aFileName((file as { name: unknown }).name))
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
export function prepareFolder(
  folder: string,
  bytes: number,
  doomed: readonly string[],
): { free: number; takeAway: () => void } {
  const made: string[] = []
  const takeAway = () => {
    for (const path of made.toReversed()) {
      try {
        rmdirSync(path)
      } catch {
        return // it holds something, another rank's work for example
      }
    }
  }
  try {
    makeFolder(folder, made)
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    const freed = doomed.map((name) => Number(sizeOfFile(join(folder, name))) || 0)
    const free = freed.reduce((sum, size) => sum + size, bavail * bsize)
    if (free < bytes)
      throw new InputError(`${folder}: ${bytes} bytes are needed, and ${free} are free on its disk`)
    return { free, takeAway }
  } catch (error) {
    takeAway()
    if (error instanceof InputError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new InputError(`${folder} cannot be written: ${sayCode(code)}`, { cause: error })
  }
}

/** Removes files of a folder, in the order of their names in the list. */
export function removeFiles(folder: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, name), { force: true })
}

/** Makes a folder and those above it. (Node 20's own `recursive` never returns under /proc.) */
function makeFolder(folder: string, made: string[]): void {
  if (existsSync(folder)) return
  const above = dirname(resolve(folder))
  if (above !== resolve(folder)) makeFolder(above, made)
  try {
    mkdirSync(folder)
    made.push(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another rank was faster
  }
}
