/** Statistics of a checkpoint on the disk, and what looks wrong in it. Nothing is written. */

import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { anObject } from '../errors.ts'
import { inspectFiles, type FileSource, type Inspection } from '../inspect/index.ts'
import { InputError, planModel, type Plan } from '../models/index.ts'
import { FormatError } from '../safetensors/index.ts'
import { findCheckpoint } from './shards.ts'
import { readJson, sayCode } from './source.ts'

export interface InspectOptions {
  /** 'auto' (default) is wasm where it runs, else js; the results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /** The recipe that a model is compared with: a name, or the recipe as data. Default 'hf'. */
  recipe?: string | object
  signal?: AbortSignal
  onProgress?: (progress: { done: number; total: number }) => void
}

export interface InspectResult extends Inspection {
  readonly path: string
}

/** Throws an InputError for what is no safetensors file or folder of them, with the reason. */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectResult> {
  anObject('options', options, ['backend', 'recipe', 'signal', 'onProgress'])
  const { recipe, ...rest } = options
  const { folder, files, homes } = findCheckpoint(path)
  const sources = files.map((name) => ({ name, source: onDisk(join(folder, name)) }))
  const plan = planOf(folder, recipe)
  try {
    const inspection = await inspectFiles(sources, { ...rest, plan, homes, hash: () => createHash('sha256') })
    return { path, ...inspection }
  } catch (error) {
    throw error instanceof FormatError ? new InputError(join(folder, error.message), { cause: error }) : error
  }
}

/** The plan of the model whose config lies beside the files, or why there is none. */
function planOf(folder: string, recipe: string | object | undefined): Plan | { none: string } {
  const config = join(folder, 'config.json')
  if (!existsSync(config)) {
    if (recipe !== undefined) throw new InputError(`${config}: a recipe needs it, and there is no such file`)
    return { none: 'there is no config.json' }
  }
  try {
    return planModel(readJson(config), { recipe })
  } catch (error) {
    if (!(error instanceof InputError) || recipe !== undefined) throw error
    return { none: error.message }
  }
}

function sizeOf(path: string): number {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new InputError(`${path}: it is not a file`)
    return stat.size
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${path}: ${sayCode((error as NodeJS.ErrnoException).code)}`, { cause: error })
  }
}

/** A file that is opened when it is first read. */
function onDisk(path: string): FileSource {
  const size = sizeOf(path)
  let opened: Promise<FileHandle> | undefined
  return {
    size,
    async read(position, length, room = new Uint8Array(length)) {
      opened ??= open(path, 'r').catch((error: NodeJS.ErrnoException) => {
        throw new InputError(`${path}: ${sayCode(error.code)}`, { cause: error })
      })
      const file = await opened
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(room, done, length - done, position + done)
        if (bytesRead === 0) throw new FormatError('it became shorter while it was read')
        done += bytesRead
      }
      return room.subarray(0, length)
    },
    async close() {
      const file = opened
      opened = undefined
      await (await file?.catch(() => undefined))?.close()
    },
  }
}
