/**
 * Auxiliary files: what tokenizers, processors and `generate` read from the folder of a config. They are copied into
 * the checkpoint, so that it can be used like the original model. The names are those of huggingface_hub and
 * transformers 5.18 (tokenization_utils_base.py, processing_utils.py, each model's VOCAB_FILES_NAMES). Weights are
 * never copied, and links that lead out of the folder are not followed.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { createHash } from 'node:crypto'
import { createReadStream, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { writeFileAtomic } from './atomic-write.ts'
import { digestFile } from './digest.ts'

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
 * Finds the auxiliary files of a folder by name. `leftOut` are the names of those that are not copied: links out of
 * the folder, entries that are not regular files, and files that are too large.
 */
export function findAuxFiles(folder: string | undefined): { paths: Map<string, string>; leftOut: string[] } {
  const paths = new Map<string, string>()
  const leftOut: string[] = []
  if (folder === undefined) return { paths, leftOut }
  const home = realpathSync(folder)
  for (const name of AUX_FILE_NAMES) {
    const path = tryRealPath(join(folder, name))
    if (path === undefined) continue
    if (path.startsWith(home.endsWith(sep) ? home : home + sep) && isSmallFile(path)) paths.set(name, path)
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
    let bytes = 0
    const sha256 = await digestFile(path, (length) => (bytes += length))
    auxFiles.push({ name, bytes, sha256, path })
  }
  return { auxFiles, leftOut }
}

/** Copies a file into the checkpoint. Throws an InputError if it has changed since it was hashed. */
export function copyAuxFile(folder: string, plan: string, auxFile: AuxFile): Promise<void> {
  const { name, path, sha256 } = auxFile
  return writeFileAtomic(folder, name, plan, async (sink) => {
    const hash = createHash('sha256')
    let position = 0
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      hash.update(chunk as Buffer)
      await sink(chunk as Buffer, position)
      position += (chunk as Buffer).length
    }
    if (hash.digest('hex') !== sha256) throw new InputError(`${path} changed during the run`)
  })
}

/** Undefined if the path does not exist or is a dangling link. */
function tryRealPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

function isSmallFile(path: string): boolean {
  const stat = statSync(path)
  return stat.isFile() && stat.size <= MAX_AUX_FILE_BYTES
}
