/** Changes to a config from a command line: `num_hidden_layers=2` shrinks a model. */

import { show } from '../errors.ts'
import { Config, DTYPE_FIELDS, InputError } from './config.ts'
import { familyOf } from './families.ts'
import { writtenAs } from './json.ts'

type Fields = Record<string, unknown>

/**
 * The config with each `key=value` of `settings` applied, in order. A key is a field that the config has or that its
 * family reads; by another spelling (`num_hidden_layers` of GPT-2's `n_layer`) it changes the field that is there. A
 * value is a number, true, false, null or text, of the kind of what it replaces. Lists with an entry a layer
 * (`layer_types`) are cut to the layers that remain. Throws an InputError.
 */
export function applySettings(json: unknown, settings: readonly string[]): Fields {
  const spellings = readBy(json)
  const config = { ...(json as Fields) }
  for (const setting of settings) {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? []
    if (key === undefined) {
      throw new InputError(`"set" expected key=value, such as num_hidden_layers=2, got ${show(setting)}`)
    }
    const alike = spellings.find((names) => names.includes(key)) ?? [key]
    const field = alike.find((name) => Object.hasOwn(config, name)) ?? key
    if (!Object.hasOwn(config, field) && !spellings.flat().includes(key)) {
      const known = [...new Set([...Object.keys(config), ...spellings.flat()])].toSorted().join(', ')
      throw new InputError(`"set" has no field ${show(key)} to change; there are ${known}`)
    }
    config[field] = valueOf(key, text, config[field])
  }
  return writtenAs(withLayersCut(config), json as Fields)
}

/** The fields that the config's family reads, each with its spellings. */
function readBy(json: unknown): (readonly string[])[] {
  const config = new Config(json)
  const { family, architecture } = familyOf(config)
  try {
    family.model(config, architecture)
  } catch {
    // a value is wrong as yet; what has been read so far is known all the same
  }
  return [...config.asked, DTYPE_FIELDS]
}

function valueOf(key: string, text: string, before: unknown): unknown {
  const value = parsed(text)
  const kinds = [before, value].map((v) => (v === null ? 'null' : typeof v))
  const free = before === undefined || kinds.includes('null')
  if (typeof before === 'object' && before !== null) {
    throw new InputError(`"set" changes numbers, texts, true and false; ${show(key)} is ${show(before)}`)
  }
  if (!free && kinds[0] !== kinds[1]) {
    throw new InputError(
      `"set" expected a ${kinds[0]} for ${show(key)}, which is ${show(before)}, got ${show(value)}`,
    )
  }
  return value
}

/** A value as JSON has it, or text without its quotes. */
function parsed(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? text : (value as string | number | boolean | null)
  } catch {
    return text
  }
}

/** Transformers refuses a config whose `layer_types` are more than its layers. */
function withLayersCut(config: Fields): Fields {
  const { num_hidden_layers: layers, layer_types: types } = config
  if (!Array.isArray(types) || typeof layers !== 'number') return config
  return { ...config, layer_types: types.slice(0, layers) }
}
