/** Reads configs and recipes from JSON files. */

import { InputError } from '../errors/simdinit-error.ts'
import { parseConfig, type ConfigDocument } from '../models/index.ts'
import { recognizeFile } from '../safetensors/recognize-file.ts'
import { readSmallFile } from './read-file.ts'

export const CONFIG_FILE = 'config.json'

/** A larger file is not a config. */
const MAX_CONFIG_BYTES = 10_000_000

/** Parses a JSON file. Throws an InputError; system errors name the path. */
export function readJson(path: string): unknown {
  return parseFile(path, readSmallFile(path, MAX_CONFIG_BYTES), JSON.parse)
}

/** Parses a config file. Throws as `readJson`; `missingMessage` is the message if there is no such file. */
export function readConfig(path: string, missingMessage: string): ConfigDocument {
  const file = readConfigFile(path)
  if (!file) throw new InputError(missingMessage)
  try {
    return file.parse()
  } catch (error) {
    throw nameConfig(path, error)
  }
}

/** Reads a config file, or returns undefined if it does not exist. Throws only if the file cannot be read. */
export function readConfigFile(path: string): { parse(): ConfigDocument } | undefined {
  try {
    const bytes = readSmallFile(path, MAX_CONFIG_BYTES)
    return { parse: () => parseFile(path, bytes, parseConfig) }
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined
    throw error
  }
}

function parseFile<T>(path: string, bytes: Uint8Array, parse: (text: string) => T): T {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new InputError(`${path} is ${recognizeFile(bytes) ?? 'not UTF-8 text'}`, { cause })
  }
  try {
    return parse(text)
  } catch (error) {
    const cause = error instanceof InputError ? error.cause : error
    if (!(cause instanceof SyntaxError)) throw error
    const kind = recognizeFile(bytes) ?? `not valid JSON: ${cause.message}`
    throw new InputError(`${path} is ${kind}`, { cause })
  }
}

/** Messages about a config call it config.json; this one by its path. Other errors are returned as they are. */
export function nameConfig(path: string, error: unknown): unknown {
  if (!(error instanceof InputError) || !error.message.startsWith(CONFIG_FILE)) return error
  return new InputError(path + error.message.slice(CONFIG_FILE.length), { cause: error.cause ?? error })
}
