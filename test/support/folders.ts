/** Folders of models, and what is in folders. */

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTempFolder, TINY_CONFIG } from './run-simdinit.ts'

/** A folder with a folder `model` that holds a config.json. */
export function createModelFolder(config: object = TINY_CONFIG): string {
  const folder = createTempFolder()
  mkdirSync(join(folder, 'model'))
  writeFileSync(join(folder, 'model', 'config.json'), JSON.stringify(config))
  return folder
}

/** SHA-256 of all files that are in a folder, by name; of hidden ones too, unless they come and go meanwhile. */
export function hashFiles(folder: string, { hidden = true } = {}): Record<string, string> {
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => hidden || !name.startsWith('.'))
      .toSorted()
      .map((name) => [name, digest(name)]),
  )
}
