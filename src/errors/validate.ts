/**
 * Checks of what a caller gave, with one grammar for what is said: `"std" must be a finite number >= 0,
 * got NaN`. A TypeError for the wrong kind, a RangeError for the wrong value. The message is built only
 * when a check fails.
 */

import { createTypeError, createRangeError } from './simdinit-error.ts'

/** A value as a person would type it, cut to a readable length, on one line. */
export function formatValue(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) {
    if (value.length > 8 || depth > 1) return `an array of ${value.length}`
    return `[${Array.from(value, (item) => formatValue(item, depth + 1)).join(', ')}]`
  }
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) {
    const { constructor } = value
    return typeof constructor === 'function' && /^(?!Object$)\w+$/.test(constructor.name)
      ? `a ${constructor.name}`
      : 'an object'
  }
  return String(value)
}

export function throwTypeError(title: string, expected: string, got: unknown): never {
  throw createTypeError(`"${title}" must be ${expected}; received ${formatValue(got)}`)
}

export function throwRangeError(title: string, expected: string, got: unknown): never {
  throw createRangeError(`"${title}" must be ${expected}; received ${formatValue(got)}`)
}

/** A finite number, in [min, max] as far as they are given; -0, which JSON does not know, becomes 0. */
export function checkNumber(title: string, value: unknown, min = -Infinity, max = Infinity): number {
  const expected = () => {
    if (max < Infinity) return `a number from ${min} to ${max}`
    return min === -Infinity ? 'a finite number' : `a finite number >= ${min}`
  }
  if (typeof value !== 'number') throwTypeError(title, expected(), value)
  if (!Number.isFinite(value) || value < min || value > max) throwRangeError(title, expected(), value)
  return value + 0
}

/** An integer in [min, max], which defaults to the non-negative safe integers. */
export function checkInteger(title: string, value: unknown, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const expected = () =>
    max === Number.MAX_SAFE_INTEGER ? `a safe integer >= ${min}` : `an integer from ${min} to ${max}`
  if (typeof value !== 'number') throwTypeError(title, expected(), value)
  if (!Number.isSafeInteger(value) || value < min || value > max) throwRangeError(title, expected(), value)
  return value
}

/** A string of well-formed Unicode. */
export function checkText(title: string, value: unknown): string {
  if (typeof value !== 'string') throwTypeError(title, 'a string', value)
  if (!value.isWellFormed())
    throw createTypeError(`"${title}" must be well-formed Unicode; received a lone surrogate`)
  return value
}

/** One of the words of `list`. */
export function checkOneOf<T extends string>(title: string, value: unknown, list: readonly T[]): T {
  if (!(list as readonly unknown[]).includes(value)) {
    const expected = `one of ${list.map((word) => `'${word}'`).join(', ')}`
    if (typeof value !== 'string') throwTypeError(title, expected, value)
    throwRangeError(title, expected, value)
  }
  return value as T
}

/** A plain object none of whose fields is unknown. */
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
      throw createTypeError(`"${title}" has no field "${field}"; its fields are ${fields.join(', ')}`)
    }
  }
  return value as Record<string, unknown>
}

/** The dimensions of a tensor: safe integers >= 0 whose product is one too. Returns the product. */
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
