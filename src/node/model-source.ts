/** What a model is named by: a preset, a config.json, or a folder that holds one. */

import { InputError } from '../errors/simdinit-error.ts'
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { closest, distance } from 'fastest-levenshtein'
import { formatValue } from '../errors/validate.ts'
import { parseConfig, PRESETS, type ConfigDocument } from '../models/index.ts'

/** A config larger than this is not one. */
const MAX_CONFIG_BYTES = 10_000_000

export interface ModelSource {
  readonly config: ConfigDocument | object
  /** What a folder made from it is called by default. */
  readonly name: string
  /** The folder, if it is one. */
  readonly folder?: string
}

/** Presets win over folders; a folder of that name is ./name. Throws an InputError. */
export function readSource(source: string): ModelSource {
  if (typeof source !== 'string' || source === '') {
    throw new InputError(
      `"source" must be a preset, a config.json or a folder; received ${formatValue(source)}`,
    )
  }
  if (Object.hasOwn(PRESETS, source)) return { config: PRESETS[source].config, name: source }
  const folder = isFolder(source)
  const path = folder ? join(source, 'config.json') : source
  const name = basename(dirname(resolve(path))) || 'model'
  const config = readConfig(path, folder ? `${source} holds no config.json` : describeUnknownSource(source))
  return folder ? { config, name, folder: source } : { config, name }
}

/** The config in a file. Throws an InputError; `missing` is its message when there is no such file. */
export function readConfig(path: string, missing?: string): ConfigDocument {
  const text = readText(path, missing)
  try {
    return parseConfig(text)
  } catch (error) {
    throw (error as Error).cause instanceof SyntaxError ? notJson(path, (error as Error).cause) : error
  }
}

/** The JSON in a file. Throws an InputError. */
export function readJson(path: string): unknown {
  const text = readText(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notJson(path, error)
  }
}

function notJson(path: string, cause: unknown): InputError {
  return new InputError(`${path} is not JSON: ${(cause as Error).message}`, { cause })
}

function readText(path: string, missing?: string): string {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new InputError(`${path}: it is not a file`)
    if (stat.size > MAX_CONFIG_BYTES) throw new InputError(`${path} is larger than ${MAX_CONFIG_BYTES} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    if (error instanceof InputError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw new InputError(`${path} is not UTF-8 text`)
    if (code === 'ENOENT') throw new InputError(missing ?? `${path}: there is no such file`)
    throw new InputError(`${path}: ${describeErrno(code)}`, { cause: error })
  }
}

function describeUnknownSource(source: string): string {
  const presets = Object.keys(PRESETS)
  if (/[/\\.]/.test(source)) return `${source}: there is no such file or folder`
  return `"${source}" is no preset (${presets.join(', ')}), no file and no folder${suggestMatch(source, presets)}`
}

/** " (did you mean gpt2?)", if one of the words is near. */
export function suggestMatch(word: string, words: readonly string[]): string {
  const near = closest(word, [...words])
  return distance(word, near) <= Math.max(1, Math.ceil(near.length / 3)) ? ` (did you mean ${near}?)` : ''
}

/** A system error's code in words. */
export function describeErrno(code: string | undefined): string {
  const words: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    EISDIR: 'it is a folder',
    ENOTDIR: 'part of the path is a file',
    ENOENT: 'there is no such file or folder',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EIO: 'the disk has failed',
    EFBIG: 'the file is larger than is allowed here',
  }
  return words[code ?? ''] ?? code ?? 'it could not be used'
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
