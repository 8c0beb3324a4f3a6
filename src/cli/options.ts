/** Options that several commands share, each checked where it is parsed. */

import { InputError } from '../errors/simdinit-error.ts'
import { Option } from 'commander'
import { DTYPE_NAMES, parseDtype, type Dtype } from '../numeric/dtypes.ts'
import { DEFAULT_MAX_SHARD_SIZE, parseShardSize } from '../safetensors/index.ts'
import { suggestMatch } from '../node/model-source.ts'

export interface CommonOptions {
  readonly threads: 'auto' | number
  readonly backend: 'auto' | 'wasm' | 'js'
  readonly json: boolean
  readonly quiet: boolean
}

export const threads = new Option(
  '--threads <n>',
  'threads at work, 1 to 256 (default: one a core, at most 4)',
)
  .default('auto', 'auto')
  .argParser((text) => (text === 'auto' ? text : parseInteger('--threads', text, { max: 256 })))

export const backend = new Option('--backend <name>', 'wasm or js; the bytes are the same')
  .default('auto')
  .argParser((text) => parseChoice('--backend', text, ['auto', 'wasm', 'js']))

export const json = new Option('--json', 'print the result as JSON').default(false)
export const quiet = new Option('--quiet', 'print nothing but errors').default(false)

export const dtype = new Option(
  '--dtype <dtype>',
  "f32, bf16, f16, or for matrices f8_e4m3 or f8_e5m2 (default: the config's, else f32)",
).argParser((text): Dtype => parseDtype('--dtype', parseChoice('--dtype', text, DTYPE_NAMES)))

export const seed = new Option('--seed <seed>', 'any text; a number is its decimal digits')
  .default('0')
  .argParser((text) => {
    if (text === '' || text.includes('\uFFFD') || !text.isWellFormed()) {
      throw new InputError(
        `--seed must be well-formed text that is not empty; received ${JSON.stringify(text)}`,
      )
    }
    return text
  })

export const maxShardSize = new Option(
  '--max-shard-size <size>',
  'the most data in a file: bytes, or with KB, MB, GB, TB',
)
  .default(DEFAULT_MAX_SHARD_SIZE)
  .argParser((text) => {
    try {
      return parseShardSize(text)
    } catch {
      const got = JSON.stringify(text)
      throw new InputError(`--max-shard-size must be a number of bytes, or such as 5GB; received ${got}`)
    }
  })

export const slice = new Option(
  '--slice <pattern:dim=d:i/n>',
  'write part i, from 0, of n along axis d of the tensors that match; again for others',
).argParser((text: string, before: readonly string[] = []) => [...before, text])

export const rank = new Option(
  '--rank <r>',
  'this is process r, from 0, of those that share the work (default: as Slurm, torchrun or MPI say)',
).argParser((text) => parseInteger('--rank', text, { min: 0 }))

export const worldSize = new Option('--world-size <w>', 'how many processes share the work').argParser(
  (text) => parseInteger('--world-size', text),
)

/** One of `words`; the error suggests the nearest. */
function parseChoice(option: string, text: string, words: readonly string[]): string {
  if (words.includes(text)) return text
  const list = words.join(', ')
  throw new InputError(
    `${option} must be one of ${list}; received ${JSON.stringify(text)}${suggestMatch(text, words)}`,
  )
}

/** An integer from `min`, which defaults to 1, to `max`. */
export function parseInteger(
  option: string,
  text: string,
  { min = 1, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new InputError(
      `${option} must be a whole number from ${min} to ${max}; received ${JSON.stringify(text)}`,
    )
  }
  return value
}
