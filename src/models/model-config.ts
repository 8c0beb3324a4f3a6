/**
 * Reads a model's `config.json` field by field. Fields are checked when they are read; other fields are not checked.
 * Every error names the field, the expectation and the value received.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { toConfigDocument, untagFloat, type ConfigDocument } from './config-document.ts'
import {
  applyOverrides,
  truncateLayerTypes,
  type ConfigOverride,
  type MutableConfig,
} from './config-overrides.ts'

/** The limit on dimensions: above that of any real model, and low enough for exact products of two. */
const MAX_DIMENSION = 2 ** 31

export class Config {
  private readonly document: MutableConfig
  /** Overrides of fields that have not been read yet. */
  private pending: readonly ConfigOverride[]
  private readonly changesDepth: boolean
  private readonly readFields = new Set<string>()

  /** `config` is a `ConfigDocument` or a plain object; see `toConfigDocument` for what it throws. */
  constructor(config: unknown, overrides: readonly ConfigOverride[] = []) {
    const { fields, numberLiterals } = toConfigDocument(config)
    this.document = { fields: { ...fields }, numberLiterals: { ...numberLiterals } }
    this.pending = overrides
    this.changesDepth = overrides.some(({ key }) => key === 'num_hidden_layers')
  }

  /**
   * The value of the first of `names` that is present: of a field that has two spellings in a config, transformers takes
   * the one that `attribute_map` translates. null is a value, which no check lets pass, except for a field that is
   * `nullable`, where null means absent. Overrides of the field, in any of its spellings, are applied first.
   */
  private get(names: readonly string[], { nullable = false, isFloat = false } = {}) {
    for (const name of names) this.readFields.add(name)
    this.applyPending((override) => names.includes(override.key), names, isFloat)
    const { fields } = this.document
    for (const name of names) {
      if (!Object.hasOwn(fields, name) || (nullable && fields[name] === null)) continue
      return { name, value: untagFloat(fields[name]) }
    }
    return { name: names[0], value: undefined }
  }

  /** Applies the pending overrides that `isMeant` selects. `names` are the spellings of their field. */
  private applyPending(
    isMeant: (override: ConfigOverride) => boolean,
    names: readonly string[] = [],
    isFloat = false,
  ): void {
    const overrides = this.pending.filter(isMeant)
    if (overrides.length === 0) return
    applyOverrides(overrides, names, this.document, { isFloat, readFields: this.readFields })
    this.pending = this.pending.filter((override) => !isMeant(override))
  }

  /**
   * The config with all overrides applied, once the model has been built. Throws an InputError for an override of a
   * field that the config does not have and the model does not read.
   */
  toDocument(): ConfigDocument {
    const { fields } = this.document
    const unknown = this.pending.find(({ key }) => !Object.hasOwn(fields, key))
    if (unknown) {
      const known = [...new Set([...Object.keys(fields), ...this.readFields])].toSorted().join(', ')
      throw new InputError(
        `"set" must name a field of the config; received ${formatValue(unknown.key)} (fields: ${known})`,
      )
    }
    for (const override of this.pending) this.applyPending((other) => other === override)
    if (this.changesDepth) truncateLayerTypes(fields)
    return this.document
  }

  /** A dimension or a count of layers: an integer from 1 to `max`. `names` are all its spellings. */
  dimension(names: readonly string[], fallback?: number, max = MAX_DIMENSION): number {
    const { name, value = fallback } = this.get(names)
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > max) {
      const received = value === undefined ? 'nothing' : formatValue(value)
      throw new InputError(`config.json: "${name}" must be an integer from 1 to ${max}; received ${received}`)
    }
    return value as number
  }

  /** Like `dimension`, but undefined if the field is missing or null. */
  optionalDimension(names: readonly string[], max = MAX_DIMENSION): number | undefined {
    const { value } = this.get(names, { nullable: true })
    return value === undefined ? undefined : this.dimension(names, undefined, max)
  }

  /** A count: an integer from 0 to `max`. */
  count(names: readonly string[], fallback: number, max = MAX_DIMENSION): number {
    const { name, value = fallback } = this.get(names)
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) {
      throw new InputError(
        `config.json: "${name}" must be an integer from 0 to ${max}; received ${formatValue(value)}`,
      )
    }
    return value as number
  }

  /** The row of `pad_token_id` in an embedding of `rows`, if the config has one; -1 is the last row. */
  paddingIndex(rows: number, fallback?: number): number | undefined {
    const { value = this.isNull('pad_token_id') ? undefined : fallback } = this.get(['pad_token_id'], {
      nullable: true,
    })
    if (value === undefined) return undefined
    if (!Number.isSafeInteger(value) || (value as number) < -rows || (value as number) >= rows) {
      throw new InputError(
        `config.json: "pad_token_id" must be an integer from -${rows} to ${rows - 1}, a row of the embedding; received ${formatValue(value)}`,
      )
    }
    return (value as number) < 0 ? (value as number) + rows : (value as number)
  }

  /** Does the field have this value? */
  equals(name: string, value: unknown): boolean {
    return this.get([name]).value === value
  }

  /** Is the field present and null? */
  isNull(name: string): boolean {
    return this.get([name]).value === null
  }

  /** The standard deviation of linear layers and embeddings. 0 means 0.02, as in transformers. */
  initializerRange(names: readonly string[] = ['initializer_range'], fallback = 0.02): number {
    return this.nonNegativeNumber(names, fallback) || 0.02
  }

  /** A dimension, or two of them: [height, width]. */
  pair(name: string, fallback: number): [number, number] {
    const { value = fallback } = this.get([name])
    const pair = Array.isArray(value) ? value : [value, value]
    const isValid =
      pair.length === 2 && pair.every((n) => Number.isSafeInteger(n) && n >= 1 && n <= MAX_DIMENSION)
    if (!isValid) {
      throw new InputError(
        `config.json: "${name}" must be an integer from 1 to ${MAX_DIMENSION}, or two of them; received ${formatValue(value)}`,
      )
    }
    return pair as [number, number]
  }

  /** One of several words. */
  choice<T extends string>(name: string, words: readonly T[], fallback: T): T {
    const { value = fallback } = this.get([name])
    if (!words.includes(value as T)) {
      throw new InputError(
        `config.json: "${name}" must be one of ${words.join(', ')}; received ${formatValue(value)}`,
      )
    }
    return value as T
  }

  /** The number of entries of an object, or undefined if the field is missing or null. */
  entryCount(name: string): number | undefined {
    const { value } = this.get([name], { nullable: true })
    if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
      throw new InputError(`config.json: "${name}" must be an object; received ${formatValue(value)}`)
    }
    return value === undefined ? undefined : Object.keys(value as object).length
  }

  /** A finite number of 0 or more. */
  nonNegativeNumber(names: readonly string[], fallback: number): number {
    const { name, value = fallback } = this.get(names, { isFloat: true })
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

  /** The class that the weights are for: the first of `architectures`, or `architectures` itself. */
  architecture(): string | undefined {
    const { value } = this.get(['architectures'], { nullable: true })
    if (value === undefined || typeof value === 'string') return value
    if (Array.isArray(value) && value.length === 0) return undefined
    if (!Array.isArray(value) || typeof value[0] !== 'string') {
      throw new InputError(
        `config.json: "architectures" must be a list of class names; received ${formatValue(value)}`,
      )
    }
    return value[0]
  }
}
