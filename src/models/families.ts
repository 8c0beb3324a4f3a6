/** What a family of models says of itself, and how a config finds its family. One file a family. */

import { show } from '../errors.ts'
import type { Layout } from '../fans.ts'
import { InputError, type Config } from './config.ts'
import { gpt2 } from './gpt2.ts'
import type { Recipe } from './recipes.ts'

/** A parameter of a model, as its checkpoint stores it. */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  /** Which axes of a matrix are inputs and outputs. */
  readonly layout: Layout
}

export interface Family {
  /** `model_type` in the config. */
  readonly type: string
  /** The classes whose checkpoints are known; the first is meant where the config names none. */
  readonly architectures: readonly string[]
  /** Stored parameters: tied ones and buffers are left out. */
  parameters(config: Config): Parameter[]
  /** The number of layers, which depth-dependent strategies read. */
  layers(config: Config): number
  /** Recipes by name. */
  readonly recipes: Readonly<Record<string, (config: Config) => Recipe>>
}

export const FAMILIES: readonly Family[] = [gpt2]

/** The family and class that a config names. Throws an InputError that says which are known. */
export function familyOf(config: Config): { family: Family; architecture: string; assumed: boolean } {
  const type = config.text(['model_type'])
  const named = config.architecture()
  const family = FAMILIES.find((f) =>
    type === undefined ? named && f.architectures.includes(named) : f.type === type,
  )
  if (!family) {
    const known = FAMILIES.map((f) => f.type).join(', ')
    const got = type === undefined ? 'nothing' : show(type)
    throw new InputError(`config.json: "model_type" expected one of ${known}, got ${got}`)
  }
  if (named !== undefined && !family.architectures.includes(named)) {
    const known = family.architectures.join(', ')
    throw new InputError(
      `config.json: "architectures" expected one of ${known} for ${family.type}, got ${show(named)}`,
    )
  }
  return { family, architecture: named ?? family.architectures[0], assumed: named === undefined }
}
