/**
 * Checks arguments. Every message has the form `"std" must be a finite number >= 0; received NaN`. If a word is similar
 * to a valid one, the message suggests it. A value of the wrong type throws a TypeError, a value out of range a
 * RangeError. Messages are built only when a check fails.
 */

import { findNearestWord } from './nearest-word.ts'
import { createTypeError, createRangeError } from './simdinit-error.ts'

/** Formats a value as source code on one line, shortened to a readable length. */
export function formatValue(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) {
    if (value.length > 8 || depth > 1) return `an array of ${value.length}`
    return `[${Array.from(value, (item) => formatValue(item, depth + 1)).join(', ')}]`
  }
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function'
  if (typeof value === 'object' && value !== null) {
    const { constructor } = value
    return typeof constructor === 'function' && /^(?!Object$)\w+$/.test(constructor.name)
      ? `a ${constructor.name}`
      : 'an object'
  }
  return String(value)
}

/** Throws a TypeError. `hint` is appended to the message, for example with what to write instead. */
export function throwTypeError(title: string, expected: string, received: unknown, hint = ''): never {
  throw createTypeError(`"${title}" must be ${expected}; received ${formatValue(received)}${hint}`)
}

/** Throws a RangeError; see `throwTypeError`. */
export function throwRangeError(title: string, expected: string, received: unknown, hint = ''): never {
  throw createRangeError(`"${title}" must be ${expected}; received ${formatValue(received)}${hint}`)
}

/** Throws a RangeError for options that contradict each other. */
export function throwConflict(title: string, ...others: readonly string[]): never {
  const list = others.map((other) => `"${other}"`)
  const last = list.pop()
  throw createRangeError(
    `"${title}" cannot be combined with ${list.length > 0 ? `${list.join(', ')} or ${last}` : last}`,
  )
}

/** Returns ` (did you mean "heNormal"?)` if one of the words is similar, else an empty string. */
export function suggestWord(word: string, words: readonly string[]): string {
  const nearest = findNearestWord(word, words)
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`
}

/** Checks for a finite number in [min, max] and returns it. -0 becomes 0, because JSON does not preserve it. */
export function checkNumber(title: string, value: unknown, min = -Infinity, max = Infinity): number {
  const expected = () => {
    if (max < Infinity) return `a number from ${min} to ${max}`
    return min === -Infinity ? 'a finite number' : `a finite number >= ${min}`
  }
  if (typeof value !== 'number') throwTypeError(title, expected(), value)
  if (!Number.isFinite(value) || value < min || value > max) throwRangeError(title, expected(), value)
  return value + 0
}

/** Checks for an integer in [min, max] and returns it. The default range is the non-negative safe integers. */
export function checkInteger(title: string, value: unknown, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const expected = () =>
    max === Number.MAX_SAFE_INTEGER ? `a safe integer >= ${min}` : `an integer from ${min} to ${max}`
  if (typeof value !== 'number') throwTypeError(title, expected(), value)
  if (!Number.isSafeInteger(value) || value < min || value > max) throwRangeError(title, expected(), value)
  return value
}

/** Checks for a string of well-formed Unicode and returns it. */
export function checkText(title: string, value: unknown): string {
  if (typeof value !== 'string') throwTypeError(title, 'a string', value)
  if (!value.isWellFormed())
    throw createTypeError(`"${title}" must be well-formed Unicode; received a lone surrogate`)
  return value
}

/** Checks for one of the words in `list` and returns it. */
export function checkOneOf<T extends string>(title: string, value: unknown, list: readonly T[]): T {
  if (!(list as readonly unknown[]).includes(value)) {
    const expected = `one of ${list.map((word) => `'${word}'`).join(', ')}`
    if (typeof value !== 'string') throwTypeError(title, expected, value)
    throwRangeError(title, expected, value, suggestWord(value, list))
  }
  return value as T
}

/** Checks for an object without unknown fields and returns it. */
export function checkObject(
  title: string,
  value: unknown,
  fields: readonly string[],
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throwTypeError(title, 'an object', value)
  }
  for (const field in value) {
    if (!fields.includes(field) && Object.hasOwn(value, field)) {
      const known = fields.length === 0 ? 'it takes none' : `its fields are ${fields.join(', ')}`
      throw createTypeError(`"${title}" has no field "${field}"; ${known}${suggestWord(field, fields)}`)
    }
  }
  return value as Record<string, unknown>
}

/** Checks the dimensions of a tensor: safe integers >= 0 whose product is a safe integer. Returns the product. */
export function checkShape(title: string, value: unknown): number {
  if (!Array.isArray(value)) throwTypeError(title, 'an array of dimensions', value)
  let size = 1
  for (let axis = 0; axis < value.length; axis++) {
    const dimension = checkInteger(`${title}[${axis}]`, value[axis])
    size = dimension === 0 ? 0 : size * dimension
  }
  if (size > Number.MAX_SAFE_INTEGER) throwRangeError(title, 'fewer than 2^53 elements', value)
  return size
}
