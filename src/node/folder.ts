/** What an output folder holds already, and whether a plan may go there. */

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
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { InputError, type Plan } from '../models/index.ts'
import { isTemporary, removeStale } from './files.ts'
import { aFileName, MANIFEST, parseManifest, samePlan, type Manifest } from './manifest.ts'
import { sayCode } from './source.ts'

const INDEX = 'model.safetensors.index.json'

/**
 * Why a plan may not go to the folder without force; undefined if it is missing, empty, or holds this plan,
 * whole or in part. Throws an InputError if it is not a folder, or cannot be read.
 */
export function obstacleIn(
  folder: string,
  plan: Plan,
  expected: Manifest,
  config: string,
): InputError | undefined {
  const names = entries(folder)
  if (names.includes(MANIFEST)) return otherPlan(folder, expected)
  const foreign = names.find((name) => !isTemporary(name) && !isPart(folder, name, plan, config))
  if (foreign === undefined) return undefined
  return new InputError(`${folder} holds other content (${foreign}); use --force to write there all the same`)
}

function otherPlan(folder: string, expected: Manifest): InputError | undefined {
  try {
    const present = readManifest(folder)
    if (samePlan(present, expected)) return undefined
    const how = difference(present, expected)
    return new InputError(`${folder} holds another plan (${how}); use --force to replace it`)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

/** Removes what the manifest or the index of an earlier checkpoint names, the index and manifest first. */
export function clearFolder(folder: string): void {
  const doomed = new Set<string>()
  for (const [name, named] of [
    [INDEX, (text: string) => Object.values(JSON.parse(text).weight_map ?? {})],
    [MANIFEST, (text: string) => JSON.parse(text).files.map((file: { name: unknown }) => file.name)],
  ] as const) {
    const path = join(folder, name)
    if (!existsSync(path)) continue
    try {
      for (const file of named(readFileSync(path, 'utf8'))) doomed.add(aFileName(file))
    } catch {
      // unreadable, or names that leave the folder: then it is only itself that goes
    }
    rmSync(path)
  }
  for (const name of doomed) rmSync(join(folder, name), { force: true })
}

/** The manifest of a folder. Throws an InputError if there is none, or none that can be used. */
export function readManifest(folder: string): Manifest {
  let text: string
  try {
    text = readFileSync(join(folder, MANIFEST), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new InputError(
      code === 'ENOENT'
        ? `${folder} holds no ${MANIFEST}`
        : code === 'ENOTDIR'
          ? `${folder}: it is a file, not a folder`
          : `${folder}/${MANIFEST}: ${sayCode(code)}`,
      { cause: error },
    )
  }
  return parseManifest(text)
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new InputError(`${folder}: ${code === 'ENOTDIR' ? 'it is a file, not a folder' : sayCode(code)}`)
  }
}

/** Is this a file that an unfinished run of the same plan can have left? */
function isPart(folder: string, name: string, plan: Plan, config: string): boolean {
  const path = join(folder, name)
  if (!statSync(path).isFile()) return false
  if (name === 'config.json') return readFileSync(path, 'utf8') === config
  const file = plan.files.find((f) => f.name === name)
  return file !== undefined && statSync(path).size === file.bytes
}

function difference(a: Manifest, b: Manifest): string {
  if (a.seed !== b.seed) return `seed ${JSON.stringify(a.seed)}, not ${JSON.stringify(b.seed)}`
  if (JSON.stringify(a.recipe) !== JSON.stringify(b.recipe)) return 'another recipe'
  const [of, wanted] = [a.tensors[0]?.dtype, b.tensors[0]?.dtype]
  return of === wanted ? 'another config' : `${of}, not ${wanted}`
}

/** Makes a folder and those above it; false if it was there. (Node 20's own `recursive` hangs in /proc.) */
function makeFolder(folder: string): boolean {
  if (existsSync(folder)) return false
  const above = dirname(resolve(folder))
  if (above !== resolve(folder)) makeFolder(above)
  mkdirSync(folder)
  return true
}

/**
 * Makes the folder if it is not there, clears what a dead process left in it, and looks whether `bytes` fit.
 * Returns a function that takes the folder away again if it was made here and is empty.
 */
export function prepareFolder(folder: string, bytes: number): () => void {
  let made = false
  try {
    made = makeFolder(folder)
    accessSync(folder, constants.W_OK)
    removeStale(folder)
  } catch (error) {
    throw new InputError(`${folder} cannot be written: ${sayCode((error as NodeJS.ErrnoException).code)}`, {
      cause: error,
    })
  }
  const removeIfEmpty = () => {
    if (made && readdirSync(folder).length === 0) rmdirSync(folder)
  }
  const present = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize + present
  if (free < bytes) {
    removeIfEmpty()
    throw new InputError(`${folder}: ${bytes} bytes are needed, and ${free} are free on its disk`)
  }
  return removeIfEmpty
}
