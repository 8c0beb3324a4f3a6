/** Conditions on several fields of a config that transformers 5.18 checks when it loads any model. */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { isObject, untagFloat, type ConfigFields } from './config-document.ts'
import { FIELD_TYPES, LAYER_TYPES } from './config-fields.ts'

const LAYER_WORDS = { layer_types: LAYER_TYPES, mlp_layer_types: ['sparse', 'dense'] }

/** `layer_types` and `mlp_layer_types` have one known word for each layer. */
export function checkLayerTypes(fields: ConfigFields, layers: number): void {
  for (const [name, words] of Object.entries(LAYER_WORDS)) {
    const { [name]: types } = fields
    if (types === undefined || types === null) continue
    if (!Array.isArray(types) || types.length !== layers)
      throwField(name, `a list with one entry for each of the ${layers} layers`, types)
    if (!types.every((type) => words.includes(type as string)))
      throwField(name, `a list of ${words.join(', ')}`, types)
  }
}

/** The number of labels is `num_labels`, or that of `id2label`, whose keys are integers. */
export function checkLabels(fields: ConfigFields): void {
  const { id2label, num_labels: count } = fields
  if (typeof count === 'number' && count < 0) throwField('num_labels', 'an integer >= 0', count)
  if (id2label === undefined || id2label === null) return
  if (!isObject(id2label)) throwField('id2label', 'an object', id2label)
  const key = Object.keys(id2label).find((text) => !/^-?\d+$/.test(text))
  if (key !== undefined) throwField('id2label', 'an object whose keys are integers', key)
}

/** The required parameters of each type of rotary embeddings. */
const ROPE_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  default: [],
  proportional: ['rope_theta'],
  linear: ['factor'],
  dynamic: ['factor'],
  yarn: ['factor', 'original_max_position_embeddings'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings', 'rope_theta'],
  longrope: ['short_factor', 'long_factor', 'original_max_position_embeddings'],
}

/** What transformers adds if the model has rotary embeddings. */
const DERIVED_ROPE_PARAMETERS = new Set(['original_max_position_embeddings', 'rope_theta'])

/** The types that read `head_dim`. */
const TYPES_WITH_HEAD_DIM = new Set(['dynamic', 'yarn', 'longrope'])

/** Rotary embeddings have a known type, and the parameters of this type. */
export function checkRope(fields: ConfigFields, family: string): void {
  const isRotary = FIELD_TYPES[family]['object | null'] === 'rope_parameters'
  const name = fields.rope_scaling ? 'rope_scaling' : 'rope_parameters'
  const { [name]: rope } = fields
  if (!isObject(rope) || Object.keys(rope).length === 0) return
  const { rope_type: type = rope.type ?? 'default' } = rope
  const types = Object.keys(ROPE_PARAMETERS)
  if (typeof type !== 'string' || !types.includes(type))
    throwField(`${name}.rope_type`, `one of ${types.join(', ')}`, type)
  const missing = ROPE_PARAMETERS[type].find(
    (parameter) => !Object.hasOwn(rope, parameter) && !(isRotary && DERIVED_ROPE_PARAMETERS.has(parameter)),
  )
  if (missing !== undefined) throwField(`${name}.${missing}`, `set for ${type}`, undefined)
  // other families compute it from the heads
  if (family === 'mixtral' && TYPES_WITH_HEAD_DIM.has(type) && typeof fields.head_dim !== 'number')
    throwField('head_dim', `an integer if "${name}.rope_type" is ${type}`, fields.head_dim)
}

function throwField(name: string, expected: string, value: unknown): never {
  const received = value === undefined ? 'nothing' : formatValue(untagFloat(value))
  throw new InputError(`config.json: "${name}" must be ${expected}; received ${received}`)
}
