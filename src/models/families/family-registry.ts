/** The supported families, and the choice of one for a config. */

import { InputError } from '../../errors/simdinit-error.ts'
import { formatValue } from '../../errors/validate.ts'
import { type Config } from '../model-config.ts'
import type { Family } from './family.ts'
import { bert } from './bert.ts'
import { bloom } from './bloom.ts'
import { deepseekV3 } from './deepseek_v3.ts'
import { gemma } from './gemma.ts'
import { gemma2 } from './gemma2.ts'
import { gpt2 } from './gpt2.ts'
import { gptNeox } from './gpt_neox.ts'
import { llama } from './llama.ts'
import { mamba } from './mamba.ts'
import { mistral } from './mistral.ts'
import { mixtral } from './mixtral.ts'
import { opt } from './opt.ts'
import { phi } from './phi.ts'
import { qwen2 } from './qwen2.ts'
import { qwen3 } from './qwen3.ts'
import { mt5, t5 } from './t5.ts'
import { vit } from './vit.ts'
import { whisper } from './whisper.ts'

/** The supported families of models, in the order in which error messages list them. */
export const FAMILIES: readonly Family[] = [
  gpt2,
  bert,
  t5,
  mt5,
  llama,
  mistral,
  mixtral,
  qwen2,
  qwen3,
  gemma,
  gemma2,
  gptNeox,
  opt,
  bloom,
  phi,
  deepseekV3,
  mamba,
  vit,
  whisper,
]

/** The family and class of a config. Throws an InputError that lists the supported ones if it names another. */
export function resolveFamily(config: Config): {
  family: Family
  architecture: string
  architectureInferred: boolean
} {
  const type = config.optionalString(['model_type'])
  const requested = config.architecture()
  const family = FAMILIES.find((f) =>
    type === undefined ? requested && f.architectures.includes(requested) : f.type === type,
  )
  if (!family) {
    const known = FAMILIES.map((f) => f.type).join(', ')
    const received = type === undefined ? 'nothing' : formatValue(type)
    throw new InputError(`config.json: "model_type" must be one of ${known}; received ${received}`)
  }
  const architecture = requested === undefined ? family.architectures[0] : findClass(family, requested)
  if (architecture === undefined) {
    const known = family.architectures.join(', ')
    throw new InputError(
      `config.json: "architectures" must be one of ${known} for ${family.type}; received ${formatValue(requested)}`,
    )
  }
  return { family, architecture, architectureInferred: requested === undefined }
}

/**
 * The class of a family by its name, or else by the task at the end of a name that other programs write:
 * `LLaMAForCausalLM`. The Auto classes of transformers make the class of a task and ignore names.
 */
function findClass({ architectures }: Family, name: string): string | undefined {
  if (architectures.includes(name)) return name
  const task = getTask(name)
  return task === undefined ? undefined : architectures.find((known) => getTask(known) === task)
}

/** The part of a class name that stands for an Auto class. `AutoModelForCausalLM` makes `GPT2LMHeadModel`. */
function getTask(name: string): string | undefined {
  const task = /(?:For[A-Z]\w*|LMHeadModel|Model)$/.exec(name)?.[0]
  return task === 'LMHeadModel' ? 'ForCausalLM' : task
}
