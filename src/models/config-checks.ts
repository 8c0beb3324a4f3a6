/** Conditions on several fields of a config that transformers 5.18 checks when it loads any model. */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { isObject, untagFloat, type ConfigFields } from './config-document.ts'
import { LAYER_TYPES } from './config-fields.ts'

/** `layer_types` has one known word for each layer. */
export function checkLayerTypes(fields: ConfigFields, layers: number): void {
  const { layer_types: types } = fields
  if (types === undefined || types === null) return
  if (!Array.isArray(types) || types.length !== layers) {
    throwField('layer_types', `a list with one entry for each of the ${layers} layers`, types)
  }
  const unknown: unknown = types.find((type) => !LAYER_TYPES.includes(type as string))
  if (unknown !== undefined) throwField('layer_types', `a list of ${LAYER_TYPES.join(', ')}`, types)
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
  proportional: [],
  linear: ['factor'],
  dynamic: ['factor'],
  yarn: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor'],
  longrope: ['short_factor', 'long_factor'],
}

/** Rotary embeddings have a known type, and the parameters of this type. */
export function checkRope(fields: ConfigFields): void {
  const name = fields.rope_scaling ? 'rope_scaling' : 'rope_parameters'
  const { [name]: rope = {} } = fields
  if (!isObject(rope)) return
  const { rope_type: type = rope.type ?? 'default' } = rope
  const required = typeof type === 'string' ? ROPE_PARAMETERS[type] : undefined
  if (required === undefined) {
    throwField(`${name}.rope_type`, `one of ${Object.keys(ROPE_PARAMETERS).join(', ')}`, type)
  }
  for (const parameter of required)
    if (!Object.hasOwn(rope, parameter))
      throwField(`${name}.${parameter}`, `set for ${String(type)}`, undefined)
}

function throwField(name: string, expected: string, value: unknown): never {
  const received = value === undefined ? 'nothing' : formatValue(untagFloat(value))
  throw new InputError(`config.json: "${name}" must be ${expected}; received ${received}`)
}
