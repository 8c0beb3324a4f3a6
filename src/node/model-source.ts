/** Finds the config of a model by a preset's name, the path of a config.json, or a folder that contains one. */

import { InputError } from '../errors/simdinit-error.ts'
import { basename, dirname, join, resolve } from 'node:path'
import { formatValue, suggestWord } from '../errors/validate.ts'
import { PRESETS, type ConfigDocument } from '../models/index.ts'
import { isFolder } from './file-info.ts'
import { CONFIG_FILE, readConfig } from './read-json.ts'

export interface ModelSource {
  readonly config: ConfigDocument | object
  /** The path of the config, unless it is a preset. */
  readonly path?: string
  /** The default output folder is `<name>-init`. */
  readonly name: string
  /** The folder, if the source is one. */
  readonly folder?: string
}

/** Reads a config. A preset takes precedence over a folder of the same name, which is `./name`. Throws an InputError. */
export function readSource(source: string): ModelSource {
  if (typeof source !== 'string' || source === '') {
    throw new InputError(
      `"source" must be a preset, a config.json or a folder; received ${formatValue(source)}`,
    )
  }
  if (Object.hasOwn(PRESETS, source)) return { config: PRESETS[source].config, name: source }
  if (isFolder(source)) {
    const path = join(source, CONFIG_FILE)
    const config = readConfig(path, `${source} contains no ${CONFIG_FILE}`)
    return { config, path, name: parentFolderName(path), folder: source }
  }
  const config = readConfig(source, describeUnknownSource(source))
  return { config, path: source, name: parentFolderName(source) }
}

function parentFolderName(path: string): string {
  return basename(dirname(resolve(path))) || 'model'
}

function describeUnknownSource(source: string): string {
  if (/[/\\.]/.test(source)) return `${source}: no such file or folder`
  const presets = Object.keys(PRESETS)
  const suggestion = suggestWord(source, presets)
  return `"${source}" is not a preset, a file or a folder${suggestion}; presets: ${presets.join(', ')}`
}
