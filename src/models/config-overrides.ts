/** Changes to a config from a command line: `num_hidden_layers=2` shrinks a model. */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { Config } from './model-config.ts'
import { DTYPE_FIELD_NAMES } from './checkpoint-dtypes.ts'
import { resolveFamily } from './families/registry.ts'
import { isFloat, markAsFloat, copyNumberFormats } from './config-json.ts'

type ConfigFields = Record<string, unknown>

/**
 * The config with each `key=value` of `settings` applied, in order. A key is a field that the config has or that its
 * family reads; all its spellings that are there change (`num_hidden_layers` and GPT-2's `n_layer`). A value is a
 * number, true, false, null or text, of the kind of what it replaces; what was written as a float stays one, since
 * transformers is strict about it. Lists with an entry a layer (`layer_types`) are cut to the layers that remain. Throws
 * an InputError.
 */
export function applyConfigOverrides(json: unknown, settings: readonly string[]): ConfigFields {
  const asked = listAccessedFields(json)
  const known = asked.flatMap(({ names }) => names)
  const config = copyNumberFormats({ ...(json as ConfigFields) }, json as ConfigFields)
  for (const setting of settings) {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? []
    if (key === undefined) {
      throw new InputError(
        `"set" must be key=value, such as num_hidden_layers=2; received ${formatValue(setting)}`,
      )
    }
    const { names, isFloatField } = asked.find(({ names }) => names.includes(key)) ?? {
      names: [key],
      isFloatField: false,
    }
    const there = names.filter((name) => Object.hasOwn(config, name))
    if (there.length === 0 && !known.includes(key)) {
      const all = [...new Set([...Object.keys(config), ...known])].toSorted().join(', ')
      throw new InputError(`"set" has no field ${formatValue(key)} to change; there are ${all}`)
    }
    for (const name of there.length > 0 ? there : [key]) {
      const float = isFloatField || isFloat(config, name)
      config[name] = parseOverrideValue(key, text, config[name], known.includes(key))
      if (float && typeof config[name] === 'number') markAsFloat(config as Record<string, number>, name)
    }
  }
  return truncateLayerTypes(config)
}

/** The fields that the config's family reads. */
function listAccessedFields(json: unknown): Config['accessedFields'] {
  const config = new Config(json)
  const { family, architecture } = resolveFamily(config)
  try {
    family.buildModel(config, architecture)
  } catch {
    // a value is wrong as yet; what has been read so far is known all the same
  }
  return [...config.accessedFields, { names: DTYPE_FIELD_NAMES, isFloatField: false }]
}

/** `checked`: whether the family reads it, and so refuses a null that may not be. */
function parseOverrideValue(key: string, text: string, before: unknown, checked: boolean): unknown {
  const value = parseScalar(text)
  if (typeof before === 'object' && before !== null) {
    throw new InputError(
      `"set" changes numbers, texts, true and false; ${formatValue(key)} is ${formatValue(before)}`,
    )
  }
  const free = before === undefined || before === null || (value === null && checked)
  if (!free && typeof before !== typeof value) {
    throw new InputError(
      `"set" must be a ${typeof before} for ${formatValue(key)}, which is ${formatValue(before)}; received ${formatValue(value)}`,
    )
  }
  return value
}

/** A value as JSON has it, or text without its quotes. */
function parseScalar(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? text : (value as string | number | boolean | null)
  } catch {
    return text
  }
}

/** Transformers refuses a config whose `layer_types` are not as many as its layers. */
function truncateLayerTypes(config: ConfigFields): ConfigFields {
  const { num_hidden_layers: layers, layer_types: types } = config
  if (!Array.isArray(types) || typeof layers !== 'number') return config
  if (layers > types.length) {
    throw new InputError(
      `"set" must be at most ${types.length} for "num_hidden_layers", as many as "layer_types" has; received ${layers}`,
    )
  }
  config.layer_types = types.slice(0, layers)
  return config
}
