/**
 * Makes a config one that transformers 5.18 loads. It refuses fields of other types than it declares, so whole numbers
 * are written as the kind that it demands, 1.0 or 1, and what is missing or misspelled is named. A config that it would
 * refuse for another reason is refused here, before any weights are written.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue, suggestWord } from '../errors/validate.ts'
import {
  formatFloat,
  getLiteral,
  isFloat,
  isObject,
  untagFloat,
  type ConfigDocument,
  type ConfigFields,
  type NumberLiterals,
} from './config-document.ts'
import { ACTIVATIONS, FIELD_ALIASES, FIELD_TYPES } from './config-fields.ts'
import { checkLabels, checkLayerTypes, checkRope } from './config-checks.ts'

/** Attention by its name in transformers, or as `<owner>/<repository>` of a kernel. */
const ATTENTION_PATTERN = /^(?:paged\|)?(?:eager|sdpa|flex_attention|flash_attention_[234]|.+\/.+)$/

type Literals = string | NumberLiterals | undefined

/** The model that a config describes. */
export interface ConfigModel {
  readonly family: string
  readonly architecture: string
  readonly layers: number
}

/** Returns the config in the form that transformers loads. Throws an InputError for one that it refuses. */
export function conformConfig(config: ConfigDocument, model: ConfigModel): ConfigDocument {
  const document = {
    fields: nameModel(config.fields, model),
    numberLiterals: conformNumbers(config, model.family),
  }
  checkLayerTypes(document.fields, model.layers)
  checkLabels(document.fields)
  checkRope(document.fields, model.family)
  return document
}

/** Adds a missing `model_type`, and the class where `architectures` has another. Classes that are not named stay so. */
function nameModel(fields: ConfigFields, { family, architecture }: ConfigModel): ConfigFields {
  const { architectures } = fields
  const isNamed =
    architectures === undefined ||
    architectures === null ||
    (Array.isArray(architectures) && architectures[0] === architecture)
  return {
    ...fields,
    ...(!Object.hasOwn(fields, 'model_type') && { model_type: family }),
    ...(!isNamed && { architectures: [architecture] }),
  }
}

/** The literals of a config whose numbers have the kinds of `FIELD_TYPES`. */
function conformNumbers({ fields, numberLiterals }: ConfigDocument, family: string): NumberLiterals {
  const conformed = { ...numberLiterals }
  for (const [name, type] of listFieldTypes(family)) {
    if (!Object.hasOwn(fields, name)) continue
    const literals = conformValue(fields[name], getLiteral(numberLiterals, name), type)
    if (literals === null) throwFieldError(name, type, fields[name])
    if (literals === undefined) delete conformed[name]
    else conformed[name] = literals
  }
  return conformed
}

/** Fields that transformers reads in every config, whose declared types it does not check. */
const COMMON_FIELD_TYPES: Readonly<Record<string, string>> = {
  int: 'num_labels',
  'size | null': 'head_dim',
  'int | float': 'rope_theta',
  'int | float | null': 'partial_rotary_factor',
  'list | null': 'suppress_tokens begin_suppress_tokens',
  object: 'auto_map',
  'object | null': 'rope_scaling rope_parameters base_model_tp_plan',
  'attention | object | null': 'attn_implementation _attn_implementation',
  // layers of different sizes
  null: 'per_layer_config',
  // properties that cannot be set
  absent: 'is_heterogeneous per_layer_attributes use_return_dict attribute_map',
}

/** The type of each field of a family, in all its spellings. */
function listFieldTypes(family: string): Map<string, string> {
  const types = new Map<string, string>()
  for (const group of [COMMON_FIELD_TYPES, FIELD_TYPES[family]])
    for (const [type, names] of Object.entries(group))
      for (const name of names.split(' ')) types.set(name, type)
  for (const [alias, name] of Object.entries(FIELD_ALIASES[family] ?? {})) {
    const type = types.get(name)
    if (type !== undefined) types.set(alias, type)
  }
  return types
}

/** The literals that make Python parse `value` as `type`; null if Python cannot. */
function conformValue(value: unknown, literals: Literals, type: string): Literals | null {
  const kinds = type.split(' | ')
  if (kinds.some((kind) => isOfKind(value, literals, kind))) return literals
  const list = kinds.find((kind) => kind.startsWith('list['))
  if (Array.isArray(value) && list !== undefined) return conformList(value, literals, list.slice(5, -1))
  if (!Number.isSafeInteger(value)) return null
  if (kinds.some((kind) => isOfKind(value, undefined, kind))) return undefined
  const float = formatFloat(value as number)
  return kinds.some((kind) => isOfKind(value, float, kind)) ? float : null
}

function conformList(values: readonly unknown[], literals: Literals, type: string): NumberLiterals | null {
  const items = values.map((value, i) => conformValue(value, getLiteral(literals, String(i)), type))
  if (items.includes(null)) return null
  return Object.fromEntries(Object.entries(items).filter(([, item]) => item !== undefined)) as NumberLiterals
}

/** Does Python read a value of this kind, in the notation of `FIELD_TYPES`? */
function isOfKind(value: unknown, literals: Literals, kind: string): boolean {
  switch (kind) {
    case 'int':
      return typeof value === 'number' && !isFloat(value, literals)
    case 'size':
      return isOfKind(value, literals, 'int') && (value as number) >= 1
    case 'float':
      return isFloat(value, literals)
    case 'float 0..1':
      return isFloat(value, literals) && isProbability(value)
    case 'probability':
      return isProbability(value)
    case 'bool':
      return typeof value === 'boolean'
    case 'str':
      return typeof value === 'string'
    case 'null':
      return value === null
    case 'list':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'attention':
      return typeof value === 'string' && ATTENTION_PATTERN.test(value)
    case 'activation':
      return ACTIVATIONS.includes(value as string)
    default:
      return false
  }
}

function isProbability(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}

const EXPECTATIONS: Readonly<Record<string, string>> = {
  int: 'an integer',
  size: 'an integer >= 1',
  float: 'a number',
  'float 0..1': 'a number from 0 to 1',
  probability: 'a number from 0 to 1',
  absent: 'absent',
  bool: 'true or false',
  str: 'a string',
  list: 'a list',
  object: 'an object',
  null: 'null',
  'list[int]': 'a list of integers',
  'list[str]': 'a list of strings',
  attention: 'eager, sdpa, flex_attention, flash_attention_2 or a kernel of the Hub',
  activation: `one of ${ACTIVATIONS.join(', ')}`,
}

function throwFieldError(name: string, type: string, value: unknown): never {
  const kinds = type.split(' | ').filter((kind, _, all) => kind !== 'int' || !all.includes('float'))
  const hint = type === 'activation' && typeof value === 'string' ? suggestWord(value, ACTIVATIONS) : ''
  throw new InputError(
    `config.json: "${name}" must be ${kinds.map((kind) => EXPECTATIONS[kind]).join(' or ')}; received ${formatValue(untagFloat(value))}${hint}`,
  )
}
