/**
 * Auxiliary files: what tokenizers, processors and `generate` read from the folder of a config. They are copied into
 * the checkpoint, so that it can be used like the original model. The names are those of huggingface_hub and
 * transformers 5.18 (tokenization_utils_base.py, processing_utils.py, each model's VOCAB_FILES_NAMES). Weights are
 * never copied, and links that lead out of the folder are not followed.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { createHash } from 'node:crypto'
import { closeSync, lstatSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { writeFileAtomic } from './atomic-write.ts'
import { readChunks } from './digest.ts'
import { openRegularFile, type OpenFile } from './read-file.ts'

const AUX_FILE_NAMES = [
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
  'generation_config.json',
  'merges.txt',
  'normalizer.json',
  'preprocessor_config.json',
  'processor_config.json',
  'sentencepiece.bpe.model',
  'special_tokens_map.json',
  'spiece.model',
  'tekken.json',
  'tokenizer.json',
  'tokenizer.model',
  'tokenizer_config.json',
  'vocab.json',
  'vocab.txt',
]

/** A larger file is not one of these. */
const MAX_AUX_FILE_BYTES = 2 ** 28

export interface AuxFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  /** The file to copy, with links resolved. */
  readonly path: string
}

/**
 * Finds the auxiliary files of a folder by name. `leftOut` are the names of those that are not copied: links that lead
 * out of the folder or nowhere, entries that are not regular files, and files that are too large. Throws a system error
 * if a file cannot be looked at.
 */
export function findAuxFiles(folder: string | undefined): { paths: Map<string, string>; leftOut: string[] } {
  const paths = new Map<string, string>()
  const leftOut: string[] = []
  if (folder === undefined) return { paths, leftOut }
  const home = realpathSync(folder)
  for (const name of AUX_FILE_NAMES) {
    if (!lstatSync(join(folder, name), { throwIfNoEntry: false })) continue
    const path = resolveLinks(join(folder, name))
    if (path?.startsWith(home.endsWith(sep) ? home : home + sep) && isSmallFile(path)) paths.set(name, path)
    else leftOut.push(name)
  }
  return { paths, leftOut }
}

/** Finds the auxiliary files of a folder and hashes them. Without a folder there are none. */
export async function readAuxFiles(
  folder: string | undefined,
): Promise<{ auxFiles: AuxFile[]; leftOut: string[] }> {
  const { paths, leftOut } = findAuxFiles(folder)
  const auxFiles: AuxFile[] = []
  for (const [name, path] of paths) {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of readChunks(path, openAuxFile(path))) {
      hash.update(chunk)
      bytes += chunk.length
    }
    auxFiles.push({ name, bytes, sha256: hash.digest('hex'), path })
  }
  return { auxFiles, leftOut }
}

/** Copies a file into the checkpoint. Throws an InputError if it has changed since it was hashed. */
export function copyAuxFile(folder: string, plan: string, auxFile: AuxFile): Promise<void> {
  const { name, path, sha256 } = auxFile
  return writeFileAtomic(folder, name, plan, async (sink) => {
    const hash = createHash('sha256')
    let position = 0
    for await (const chunk of readChunks(path, openAuxFile(path))) {
      hash.update(chunk)
      await sink(chunk, position)
      position += chunk.length
    }
    if (hash.digest('hex') !== sha256) throw new InputError(`${path} changed during the run`)
  })
}

/** Undefined for a link that leads nowhere or in a circle. Other errors may pass, and would then change the plan. */
function resolveLinks(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP') return undefined
    throw error
  }
}

/** Opens a file that was found. Throws an InputError if a part of its path has become a link since then. */
function openAuxFile(path: string): OpenFile {
  const file = openRegularFile(path)
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (file.stat.ino === found?.ino && file.stat.dev === found.dev && realpathSync(path) === path) return file
  closeSync(file.fd)
  throw new InputError(`${path} changed during the run`)
}

function isSmallFile(path: string): boolean {
  const stat = statSync(path)
  return stat.isFile() && stat.size <= MAX_AUX_FILE_BYTES
}
