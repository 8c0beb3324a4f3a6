/**
 * A model's `config.json`, read field by field: what is asked for is checked, what is not is left alone.
 * Every error names the field, the value and what was expected.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'

/** Larger than any dimension of a real model, small enough that no product of two is inexact. */
const MAX_DIMENSION = 2 ** 31

const MAX_NESTING_DEPTH = 64

export class Config {
  private readonly fields: Readonly<Record<string, unknown>>
  /** What has been asked for: the spellings of a field, and whether it is a number that need not be whole. */
  readonly accessedFields: { readonly names: readonly string[]; readonly isFloatField: boolean }[] = []

  /** Throws an InputError unless `json` is an object without `__proto__` keys at any depth. */
  constructor(json: unknown) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new InputError(`config.json must be an object; received ${formatValue(json)}`)
    }
    checkNesting(json)
    this.fields = json as Record<string, unknown>
  }

  /**
   * The value of the first of `names` that is there: of a field that has two spellings in a config, transformers takes
   * the one that `attribute_map` translates. null is a value, which no check lets pass, but of a field that may be
   * `nullable`: there it is as if nothing were there.
   */
  private get(names: readonly string[], { nullable = false, isFloatField = false } = {}) {
    this.accessedFields.push({ names, isFloatField })
    for (const name of names) {
      if (!Object.hasOwn(this.fields, name) || (nullable && this.fields[name] === null)) continue
      return { name, value: this.fields[name] }
    }
    return { name: names[0], value: undefined }
  }

  /** A dimension or a count of layers: an integer from 1 to `max`. `names` are all its spellings. */
  dimension(names: readonly string[], fallback?: number, max = MAX_DIMENSION): number {
    const { name, value = fallback } = this.get(names)
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > max) {
      const got = value === undefined ? 'nothing' : formatValue(value)
      throw new InputError(`config.json: "${name}" must be an integer from 1 to ${max}; received ${got}`)
    }
    return value as number
  }

  /** As `dimension`, or undefined where the config says nothing or null. */
  optionalDimension(names: readonly string[], max = MAX_DIMENSION): number | undefined {
    const given = this.get(names, { nullable: true }).value
    return given === undefined ? undefined : this.dimension(names, undefined, max)
  }

  /** The number of something that may be none: an integer from 0 to `max`. */
  count(names: readonly string[], fallback: number, max = MAX_DIMENSION): number {
    const { name, value = fallback } = this.get(names)
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) {
      throw new InputError(
        `config.json: "${name}" must be an integer from 0 to ${max}; received ${formatValue(value)}`,
      )
    }
    return value as number
  }

  /** The row of an embedding of `rows` that `pad_token_id` names, if it names any; -1 is the last. */
  paddingIndex(rows: number, fallback?: number): number | undefined {
    const { value = this.isNull('pad_token_id') ? undefined : fallback } = this.get(['pad_token_id'], {
      nullable: true,
    })
    if (value === undefined) return undefined
    if (!Number.isSafeInteger(value) || (value as number) < -rows || (value as number) >= rows) {
      throw new InputError(
        `config.json: "pad_token_id" must be a row of the ${rows} of the embedding; received ${formatValue(value)}`,
      )
    }
    return (value as number) < 0 ? (value as number) + rows : (value as number)
  }

  /** Is the field there, with this very value? */
  equals(name: string, value: unknown): boolean {
    return this.get([name]).value === value
  }

  /** Is the field there, and null? */
  isNull(name: string): boolean {
    return Object.hasOwn(this.fields, name) && this.fields[name] === null
  }

  /** The standard deviation of linear layers and embeddings; 0 means 0.02, as it does to transformers. */
  initializerRange(names: readonly string[] = ['initializer_range'], fallback = 0.02): number {
    return this.nonNegativeNumber(names, fallback) || 0.02
  }

  /** A dimension, or two of them: [height, width]. */
  pair(name: string, fallback: number): [number, number] {
    const { value = fallback } = this.get([name])
    const both = Array.isArray(value) ? value : [value, value]
    const right =
      both.length === 2 && both.every((n) => Number.isSafeInteger(n) && n >= 1 && n <= MAX_DIMENSION)
    if (!right) {
      throw new InputError(
        `config.json: "${name}" must be an integer from 1 to ${MAX_DIMENSION}, or two; received ${formatValue(value)}`,
      )
    }
    return both as [number, number]
  }

  /** A field that is one of several words. */
  choice<T extends string>(name: string, words: readonly T[], fallback: T): T {
    const { value = fallback } = this.get([name])
    if (!words.includes(value as T)) {
      throw new InputError(
        `config.json: "${name}" must be one of ${words.join(', ')}; received ${formatValue(value)}`,
      )
    }
    return value as T
  }

  /** How many entries an object has, or undefined where there is none. */
  entryCount(name: string): number | undefined {
    const { value } = this.get([name], { nullable: true })
    if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      throw new InputError(`config.json: "${name}" must be an object; received ${formatValue(value)}`)
    }
    return value === undefined ? undefined : Object.keys(value as object).length
  }

  /** A finite number of 0 or more. */
  nonNegativeNumber(names: readonly string[], fallback: number): number {
    const { name, value = fallback } = this.get(names, { isFloatField: true })
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw new InputError(
        `config.json: "${name}" must be a finite number >= 0; received ${formatValue(value)}`,
      )
    }
    return value
  }

  flag(name: string, fallback: boolean): boolean {
    const { value = fallback } = this.get([name])
    if (typeof value !== 'boolean') {
      throw new InputError(`config.json: "${name}" must be true or false; received ${formatValue(value)}`)
    }
    return value
  }

  /** A string, or undefined. */
  optionalString(names: readonly string[], nullable = false): string | undefined {
    const { name, value } = this.get(names, { nullable })
    if (value !== undefined && typeof value !== 'string') {
      throw new InputError(`config.json: "${name}" must be a string; received ${formatValue(value)}`)
    }
    return value as string | undefined
  }

  /** The class that the weights are for: the first of `architectures`. */
  architecture(): string | undefined {
    const { value } = this.get(['architectures'], { nullable: true })
    if (value === undefined) return undefined
    if (!Array.isArray(value) || typeof value[0] !== 'string') {
      throw new InputError(
        `config.json: "architectures" must be a list of class names; received ${formatValue(value)}`,
      )
    }
    return value[0]
  }
}

/** JSON.parse makes `__proto__` an own key; copied on, it would become a prototype. Nor is depth without end. */
function checkNesting(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_NESTING_DEPTH)
    throw new InputError(`config.json: it is nested more than ${MAX_NESTING_DEPTH} deep`)
  if (Object.hasOwn(value, '__proto__')) {
    throw new InputError('config.json: the key "__proto__" is not allowed')
  }
  for (const child of Object.values(value)) checkNesting(child, depth + 1)
}
