/** Options that several commands share, or that are parsed in more than a line. */

import { InputError } from '../errors/simdinit-error.ts'
import { Option, type Command } from 'commander'
import { suggestWord } from '../errors/validate.ts'
import { DTYPE_NAMES, parseDtype, type Dtype } from '../numeric/dtypes.ts'
import { DEFAULT_MAX_SHARD_SIZE, parseShardSize } from '../safetensors/index.ts'

/** The options that every command takes. */
export interface CommonOptions {
  readonly threads: 'auto' | number
  readonly backend: 'auto' | 'wasm' | 'js'
  readonly json?: boolean
  readonly quiet?: boolean
}

const threads = new Option('--threads <n>', 'number of threads, 1 to 256')
  .default('auto', 'one per core, at most 4')
  .argParser((text) => (text === 'auto' ? text : parseInteger('--threads', text, { max: 256 })))

const backend = new Option('--backend <name>', 'wasm or js; both generate the same bytes')
  .default('auto', 'wasm if available')
  .argParser((text) => parseChoice('--backend', text, ['auto', 'wasm', 'js']))

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(threads)
    .addOption(backend)
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print only errors')
}

export const dtype = new Option(
  '--dtype <dtype>',
  'f32, bf16 or f16; or f8_e4m3 or f8_e5m2 for matrices, which keeps the other tensors wider ' +
    '(default: the dtype of the config, otherwise f32)',
).argParser((text): Dtype => parseDtype('--dtype', parseChoice('--dtype', text, DTYPE_NAMES)))

export const seed = new Option('--seed <seed>', 'any string; 42 and "42" are the same seed')
  .default('0')
  .argParser((text) => {
    if (text === '' || text.includes('\uFFFD') || !text.isWellFormed()) {
      throw new InputError(`--seed must be a non-empty, well-formed string; received ${JSON.stringify(text)}`)
    }
    return text
  })

export const maxShardSize = new Option(
  '--max-shard-size <size>',
  'largest size of a file in bytes, or with a unit: KB, MB, GB, TB',
)
  .default(DEFAULT_MAX_SHARD_SIZE)
  .argParser((text) => {
    try {
      return parseShardSize(text)
    } catch {
      throw new InputError(
        `--max-shard-size must be a size such as 5GB or a number of bytes; received ${JSON.stringify(text)}`,
      )
    }
  })

/** Collects the values of a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

/** One of `words`; the error suggests the nearest. */
function parseChoice(flag: string, text: string, words: readonly string[]): string {
  if (words.includes(text)) return text
  throw new InputError(
    `${flag} must be one of ${words.join(', ')}; received ${JSON.stringify(text)}${suggestWord(text, words)}`,
  )
}

/** An integer from `min`, which defaults to 1, to `max`. */
export function parseInteger(
  flag: string,
  text: string,
  { min = 1, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `>= ${min}` : `from ${min} to ${max}`
    throw new InputError(`${flag} must be an integer ${range}; received ${JSON.stringify(text)}`)
  }
  return value
}
