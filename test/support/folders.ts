/** Model folders and digests of folders. */

import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempFolder, TINY_CONFIG } from './run-simdinit.ts'

/** Creates a folder with a folder `model` that contains a config.json. */
export function createModelFolder(config: object = TINY_CONFIG): string {
  const folder = createTempFolder()
  mkdirSync(join(folder, 'model'))
  writeFileSync(join(folder, 'model', 'config.json'), JSON.stringify(config))
  return folder
}

/** SHA-256 of all files in a folder, by name; including hidden ones, except those that disappear meanwhile. */
export function hashFiles(folder: string, { hidden = true } = {}): Record<string, string> {
  const digest = (name: string) => {
    const path = join(folder, name)
    if (!lstatSync(path).isFile()) return 'not a regular file'
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  }
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => hidden || !name.startsWith('.'))
      .toSorted()
      .map((name) => [name, digest(name)]),
  )
}
