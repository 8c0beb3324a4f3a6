/** Reads configs and recipes from JSON files. */

import { InputError } from '../errors/simdinit-error.ts'
import { readFileSync, statSync } from 'node:fs'
import { parseConfig, type ConfigDocument } from '../models/index.ts'
import { describeErrno } from './system-error.ts'

/** A larger file is not a config. */
const MAX_CONFIG_BYTES = 10_000_000

/** Parses a JSON file. Throws an InputError. */
export function readJson(path: string): unknown {
  const text = readText(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw createJsonError(path, error)
  }
}

/** Parses a config file. Throws an InputError; `missingMessage` is its message if there is no such file. */
export function readConfig(path: string, missingMessage?: string): ConfigDocument {
  const text = readText(path, missingMessage)
  try {
    return parseConfig(text)
  } catch (error) {
    const { cause } = error as Error
    throw cause instanceof SyntaxError ? createJsonError(path, cause) : error
  }
}

function createJsonError(path: string, cause: unknown): InputError {
  return new InputError(`${path} is not valid JSON: ${(cause as Error).message}`, { cause })
}

function readText(path: string, missingMessage = `${path}: no such file`): string {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new InputError(`${path} is not a regular file`)
    if (stat.size > MAX_CONFIG_BYTES) throw new InputError(`${path} is larger than ${MAX_CONFIG_BYTES} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    if (error instanceof InputError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') throw new InputError(`${path} is not UTF-8 text`)
    if (code === 'ENOENT') throw new InputError(missingMessage)
    throw new InputError(`${path}: ${describeErrno(code)}`, { cause: error })
  }
}
