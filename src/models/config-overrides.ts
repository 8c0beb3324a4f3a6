/** Changes a config by a list of `key=value`: `num_hidden_layers=2` shrinks a model. */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { formatFloat, isFloatField, type ConfigDocument, type NumberLiterals } from './config-document.ts'

/** A field to change, and the text of its new value. */
export interface ConfigOverride {
  readonly key: string
  readonly text: string
}

/** Parses a list of `key=value`. Throws an InputError for any other text. */
export function parseConfigOverrides(settings: readonly string[]): ConfigOverride[] {
  return settings.map((setting) => {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(setting) ?? []
    if (key === undefined) {
      throw new InputError(
        `"set" must be key=value, such as num_hidden_layers=2; received ${formatValue(setting)}`,
      )
    }
    return { key, text }
  })
}

/** A config whose fields can be changed. */
export interface MutableConfig extends ConfigDocument {
  readonly fields: Record<string, unknown>
  readonly numberLiterals: Record<string, string | NumberLiterals>
}

/**
 * Applies overrides of one field to those of its spellings `names` that the config has; without any, sets the key of
 * each override. `isFloat`: the field is read as a float. Fields in `readFields` may become null. Throws an InputError.
 */
export function applyOverrides(
  overrides: readonly ConfigOverride[],
  names: readonly string[],
  config: MutableConfig,
  { isFloat, readFields }: { isFloat: boolean; readFields: ReadonlySet<string> },
): void {
  const { fields, numberLiterals } = config
  const present = names.filter((name) => Object.hasOwn(fields, name))
  for (const override of overrides) {
    for (const name of present.length > 0 ? present : [override.key]) {
      // transformers rejects an integer where it expects a float
      const staysFloat = isFloat || isFloatField(config, name)
      const value = parseOverrideValue(override, fields[name], readFields.has(override.key))
      fields[name] = value
      if (staysFloat && typeof value === 'number') numberLiterals[name] = formatFloat(value)
    }
  }
}

/**
 * The value of an override, of the type of what it replaces. `allowNull`: the field is read, and its reader rejects a
 * null that is not allowed. Throws an InputError.
 */
function parseOverrideValue({ key, text }: ConfigOverride, current: unknown, allowNull: boolean): unknown {
  const value = parseScalar(text)
  if (typeof current === 'object' && current !== null) {
    throw new InputError(
      `"set" must name a string, a number or a boolean; received ${formatValue(key)}, which is ${formatValue(current)}`,
    )
  }
  const isFree = current === undefined || current === null || (value === null && allowNull)
  if (!isFree && typeof current !== typeof value) {
    throw new InputError(
      `"set" must be a ${typeof current} for ${formatValue(key)}, which is ${formatValue(current)}; received ${formatValue(value)}`,
    )
  }
  return value
}

/** A JSON scalar; any other text is a string. */
function parseScalar(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? text : (value as string | number | boolean | null)
  } catch {
    return text
  }
}

/** Cuts `layer_types` to the layers that remain: transformers refuses a config with more or fewer. */
export function truncateLayerTypes(fields: Record<string, unknown>): void {
  const { num_hidden_layers: layers, layer_types: types } = fields
  if (!Array.isArray(types) || typeof layers !== 'number') return
  if (layers > types.length) {
    throw new InputError(
      `"set" must be at most ${types.length} for "num_hidden_layers", as many as "layer_types" has; received ${layers}`,
    )
  }
  fields.layer_types = types.slice(0, layers)
}
