/** Options that several commands share, each checked where it is parsed. */

import { Option } from 'commander'
import { DTYPES, type Dtype } from '../index.ts'
import { InputError } from '../node/index.ts'
import { TORCH_NAMES } from '../models/plan.ts'
import { suggestion } from '../node/source.ts'

export interface CommonOptions {
  readonly threads: 'auto' | number
  readonly backend: 'auto' | 'wasm' | 'js'
  readonly json: boolean
  readonly quiet: boolean
}

export const threads = new Option(
  '--threads <n>',
  'threads to fill with, 1 to 256 (default: one a core, at most 4)',
)
  .default('auto', 'auto')
  .argParser((text) => (text === 'auto' ? text : whole('--threads', text, 256)))

export const backend = new Option('--backend <name>', 'wasm or js; the bytes are the same')
  .default('auto')
  .argParser((text) => word('--backend', text, ['auto', 'wasm', 'js']))

export const json = new Option('--json', 'print the result as JSON').default(false)
export const quiet = new Option('--quiet', 'print nothing but errors').default(false)

export const dtype = new Option(
  '--dtype <dtype>',
  "f32, bf16 or f16 (default: the config's, else f32)",
).argParser((text): Dtype => {
  const own = DTYPES.find((dtype) => dtype === text)
  if (own) return own // the plan says why it may not be
  const torch = Object.entries(TORCH_NAMES)
  const name = word('--dtype', text, [...Object.keys(TORCH_NAMES), ...Object.values(TORCH_NAMES)])
  return torch.find(([, named]) => named === name)?.[0] as Dtype
})

export const seed = new Option('--seed <seed>', 'any text; a number is its decimal digits')
  .default('0')
  .argParser((text) => {
    if (text === '' || text.includes('\uFFFD') || !text.isWellFormed()) {
      throw new InputError(`--seed expected well-formed text that is not empty, got ${JSON.stringify(text)}`)
    }
    return text
  })

/** One of `words`; the error suggests the nearest. */
function word(option: string, text: string, words: readonly string[]): string {
  if (words.includes(text)) return text
  const list = words.join(', ')
  throw new InputError(
    `${option} expected one of ${list}, got ${JSON.stringify(text)}${suggestion(text, words)}`,
  )
}

/** An integer from 1 to `max`. */
export function whole(option: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > max) {
    throw new InputError(`${option} expected a whole number from 1 to ${max}, got ${JSON.stringify(text)}`)
  }
  return value
}
