/** Matchers for the package's errors: a TypeError or RangeError with a stable code. */

export const typeError = (message: string) =>
  Object.assign(new TypeError(message), { code: 'ERR_INVALID_TYPE' })

export const rangeError = (message: string) =>
  Object.assign(new RangeError(message), { code: 'ERR_INVALID_VALUE' })

/** The matcher for an error class. */
export const errorOf = (kind: new (message: string) => Error, message: string) =>
  kind === TypeError ? typeError(message) : rangeError(message)
