/**
 * Companions: the files beside a config.json that tokenizers, processors and `generate` read. From a folder they are
 * copied, so that the checkpoint can be used as the model can. Names are those of huggingface_hub and transformers
 * 5.18 (tokenization_utils_base.py, processing_utils.py, each model's VOCAB_FILES_NAMES); weights are never among
 * them, and a link that leads out of its folder is not followed.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { createHash } from 'node:crypto'
import { createReadStream, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { digestFile } from './compare.ts'
import { writeFileAtomic } from './atomic-write.ts'

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

/** A file that is larger is none of these. */
const MAX_AUX_FILE_BYTES = 2 ** 28

export interface AuxFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  /** Where it is copied from, without links. */
  readonly path: string
}

/**
 * What of a folder is copied, by name, and the names of what is not although it is called so: links that lead out of
 * the folder, what is no file, and what is larger than such a file can be.
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

/** The same with digests; none without a folder. */
export async function readAuxFiles(
  folder: string | undefined,
): Promise<{ copies: AuxFile[]; leftOut: string[] }> {
  const { paths, leftOut } = findAuxFiles(folder)
  const copies: AuxFile[] = []
  for (const [name, path] of paths) {
    let bytes = 0
    const sha256 = await digestFile(path, (length) => (bytes += length))
    copies.push({ name, bytes, sha256, path })
  }
  return { copies, leftOut }
}

/** Throws an InputError if the file is not the one whose digest was taken. */
export function copyAuxFile(folder: string, plan: string, companion: AuxFile): Promise<void> {
  const { name, path, sha256 } = companion
  return writeFileAtomic(folder, name, plan, async (sink) => {
    const hash = createHash('sha256')
    let position = 0
    for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      hash.update(piece as Buffer)
      await sink(piece as Buffer, position)
      position += (piece as Buffer).length
    }
    if (hash.digest('hex') !== sha256) throw new InputError(`${path} has changed since the run began`)
  })
}

/** Undefined if there is nothing, or a link to nothing. */
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
