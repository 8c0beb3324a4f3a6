/** The families that are known, and how a config finds its own. */

import { show } from '../errors.ts'
import { InputError, type Config } from './config.ts'
import type { Family } from './family.ts'
import { gpt2 } from './gpt2.ts'

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
