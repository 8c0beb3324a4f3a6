/**
 * A config.json as data that keeps the notation of its numbers. JSON.parse reads 1.0 as 1, but Python distinguishes
 * them: transformers rejects a config whose `initializer_factor` is an integer.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'

/** The fields of a config. */
export type ConfigFields = Readonly<Record<string, unknown>>

/** The text of each number that JSON.stringify would write differently, by key or index, nested as in the config. */
export interface NumberLiterals {
  readonly [key: string]: string | NumberLiterals
}

/** A config.json as `parseConfig` returns it: plain data, which can be spread, cloned and serialized. */
export interface ConfigDocument {
  /** The fields, as parsed by JSON.parse. */
  readonly fields: ConfigFields
  /** The notation of numbers. An entry applies while the field still has its value. */
  readonly numberLiterals: NumberLiterals
}

const MAX_NESTING_DEPTH = 64
const FLOAT_TAG = '__float__'
const NO_LITERALS: NumberLiterals = {}
const NUMBER_PATTERN = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i
/** What only a float has: a point, an exponent, or no digits. */
const FLOAT_PATTERN = /[.e]|NaN|Infinity/i

/**
 * Parses the text of a config.json. `planModel` takes the result, and writes numbers such as 1.0 as they were. Python
 * writes NaN and Infinity, which are not JSON; they become `{ __float__: 'NaN' }`, as transformers 5 writes them.
 * @param text The content of the file.
 * @returns The fields, and the text of the numbers.
 * @throws {InputError} If the text is not JSON (the cause is then a SyntaxError), is not an object, has a key
 *   `__proto__`, or is nested more than 64 deep.
 * @example
 * import { parseConfig } from 'simdinit/models'
 *
 * const config = parseConfig('{"model_type": "t5", "initializer_factor": 1.0}')
 * console.log(config.fields.model_type) // t5
 */
export function parseConfig(text: string): ConfigDocument {
  const tagged = tagSpecialFloats(text)
  let json: unknown
  try {
    json = JSON.parse(tagged)
  } catch (error) {
    throw new InputError(`config.json is not JSON: ${(error as Error).message}`, { cause: error })
  }
  return { fields: checkConfigFields(json), numberLiterals: readNumberLiterals(tagged) }
}

/** Replaces NaN and Infinity outside strings by the objects that transformers writes for them. */
function tagSpecialFloats(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|NaN|-?Infinity/g, (token) =>
    token.startsWith('"') ? token : `{"${FLOAT_TAG}":"${token}"}`,
  )
}

/** The number that an object such as `{ __float__: 'Infinity' }` stands for; any other value unchanged. */
export function untagFloat(value: unknown): unknown {
  if (!isRecord(value) || Object.keys(value).length !== 1) return value
  const tag = value[FLOAT_TAG]
  return tag === 'NaN' || tag === 'Infinity' || tag === '-Infinity' ? Number(tag) : value
}

/** Converts a plain object, whose whole numbers become integers; keeps a document. Throws like `parseConfig`. */
export function toConfigDocument(config: unknown): ConfigDocument {
  if (isConfigDocument(config)) {
    return { fields: checkConfigFields(config.fields), numberLiterals: config.numberLiterals }
  }
  return { fields: checkConfigFields(config), numberLiterals: NO_LITERALS }
}

function isConfigDocument(value: unknown): value is ConfigDocument {
  return (
    isRecord(value) &&
    Object.keys(value).length === 2 &&
    isRecord(value.fields) &&
    isRecord(value.numberLiterals)
  )
}

/** Throws an InputError unless `json` is an object without `__proto__` keys that is not nested too deep. */
function checkConfigFields(json: unknown): ConfigFields {
  if (!isRecord(json)) throw new InputError(`config.json must be an object; received ${formatValue(json)}`)
  checkNesting(json)
  return json
}

/** JSON.parse creates an own key `__proto__`. Assigning it to another object would set the prototype. */
function checkNesting(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_NESTING_DEPTH)
    throw new InputError(`config.json is nested more than ${MAX_NESTING_DEPTH} levels deep`)
  if (Object.hasOwn(value, '__proto__')) {
    throw new InputError('config.json: the key "__proto__" is not allowed')
  }
  for (const child of Object.values(value)) checkNesting(child, depth + 1)
}

/** Is this an object that does not stand for a number? */
export function isObject(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof untagFloat(value) !== 'number'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Formats a config.json like JSON.stringify with an indent of two, except numbers that have a literal. */
export function formatConfig({ fields, numberLiterals }: ConfigDocument): string {
  return `${formatJson(fields, numberLiterals, '')}\n`
}

function formatJson(value: unknown, literals: string | NumberLiterals | undefined, indent: string): string {
  if (typeof value === 'number' && isLiteralOf(literals, value)) return literals
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  const items = Object.entries(value).map(([key, item]) => {
    const text = formatJson(item, getLiteral(literals, key), inner)
    return Array.isArray(value) ? text : `${JSON.stringify(key)}: ${text}`
  })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return items.length === 0
    ? open + close
    : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`
}

export function getLiteral(
  literals: string | NumberLiterals | undefined,
  key: string,
): string | NumberLiterals | undefined {
  return isRecord(literals) && Object.hasOwn(literals, key) ? literals[key] : undefined
}

function isLiteralOf(literal: unknown, value: number): literal is string {
  return typeof literal === 'string' && NUMBER_PATTERN.test(literal) && Object.is(Number(literal), value)
}

/** Does Python read this field as a float? */
export function isFloatField({ fields, numberLiterals }: ConfigDocument, key: string): boolean {
  return isFloat(fields[key], getLiteral(numberLiterals, key))
}

/** Does Python read a float where `value` is written with these literals? */
export function isFloat(value: unknown, literal: unknown): boolean {
  const number = untagFloat(value)
  if (typeof number !== 'number') return false
  return FLOAT_PATTERN.test(isLiteralOf(literal, number) ? literal : String(number))
}

/** Formats a number so that Python reads a float. */
export function formatFloat(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return FLOAT_PATTERN.test(text) ? text : `${text}.0`
}

/** Collects literals from the tokens of valid JSON. If a key occurs twice, the last one counts. */
function readNumberLiterals(text: string): NumberLiterals {
  interface Container {
    readonly isArray: boolean
    readonly literals: Record<string, string | NumberLiterals>
    /** Key of the next entry; undefined in an object before its key is read. */
    key: string | undefined
  }
  const root: Record<string, string | NumberLiterals> = {}
  const stack: Container[] = [{ isArray: false, literals: root, key: '' }]
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s[\]{},:"]+/g)) {
    const container = stack.at(-1)!
    if (token === '}' || token === ']') {
      stack.pop()
      continue
    }
    const { key, isArray, literals } = container
    if (key === undefined) {
      container.key = JSON.parse(token) as string
      continue
    }
    container.key = isArray ? String(Number(key) + 1) : undefined
    delete literals[key]
    if (token === '{' || token === '[') {
      const nested = {}
      literals[key] = nested
      stack.push({ isArray: token === '[', literals: nested, key: token === '[' ? '0' : undefined })
    } else if (/^[-\d]/.test(token) && String(Number(token)) !== token) literals[key] = token
  }
  return removeEmpty(root['']) as NumberLiterals
}

function removeEmpty(literals: string | NumberLiterals): string | NumberLiterals {
  if (typeof literals === 'string') return literals
  const entries = Object.entries(literals)
    .map(([key, value]) => [key, removeEmpty(value)] as const)
    .filter(([, value]) => typeof value === 'string' || Object.keys(value).length > 0)
  return Object.fromEntries(entries)
}
