/**
 * Errors: every error that this package throws deliberately is an instance of `SimdinitError` and has a stable `code`.
 * An invalid argument is also a TypeError (wrong kind) or a RangeError (wrong value), as in JavaScript itself. A class
 * cannot extend both, so `instanceof SimdinitError` reads a mark on the error. The mark is a registered symbol, so that
 * it also holds between two copies of the package in one program.
 */

const MARK = Symbol.for('simdinit.error')

/**
 * What went wrong, stable between versions.
 *
 * - `ERR_INVALID_TYPE` (a TypeError): an argument is of the wrong kind.
 * - `ERR_INVALID_VALUE` (a RangeError): an argument is of the right kind and out of range.
 * - `ERR_INVALID_INPUT` (an `InputError`): a config, recipe, manifest, path or folder cannot be used.
 * - `ERR_INVALID_FORMAT` (a `FormatError`): a file is not valid safetensors.
 * - `ERR_CLOSED`: the engine has been closed.
 * - `ERR_RELEASED`: allocated memory was used after `release()`.
 * - `ERR_IN_USE`: allocated memory cannot be released during a fill.
 * - `ERR_UNAVAILABLE`: the host lacks what was requested, such as WebAssembly.
 */
export type ErrorCode =
  | 'ERR_INVALID_TYPE'
  | 'ERR_INVALID_VALUE'
  | 'ERR_INVALID_INPUT'
  | 'ERR_INVALID_FORMAT'
  | 'ERR_CLOSED'
  | 'ERR_RELEASED'
  | 'ERR_IN_USE'
  | 'ERR_UNAVAILABLE'

/**
 * The base of all errors of this package.
 *
 * @example
 * import { normal, SimdinitError } from 'simdinit'
 * try {
 *   normal({ std: -1 })
 * } catch (error) {
 *   if (error instanceof SimdinitError) console.log(error.code) // ERR_INVALID_VALUE
 * }
 */
export class SimdinitError extends Error {
  /** The name of the class. */
  override readonly name: string = 'SimdinitError'
  /** Stays the same between versions; messages may change. */
  readonly code: ErrorCode

  /**
   * The package creates its errors itself; a program rarely has to.
   *
   * @param code What went wrong.
   * @param message One sentence.
   * @param options `cause`: the error behind this one.
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, MARK, { value: true })
  }

  /** Also true for the TypeErrors and RangeErrors of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== SimdinitError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && MARK in value
  }
}

/** A config, recipe, manifest, path or folder cannot be used. The message is one sentence that says why. */
export class InputError extends SimdinitError {
  /** The name of the class. */
  override readonly name = 'InputError'

  /**
   * An error with the code `ERR_INVALID_INPUT`.
   *
   * @param message One sentence.
   * @param options `cause`: the error behind this one.
   */
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_INPUT', message, options)
  }
}

/** A file is not valid safetensors. The message is one sentence that says why. */
export class FormatError extends SimdinitError {
  /** The name of the class. */
  override readonly name = 'FormatError'

  /**
   * An error with the code `ERR_INVALID_FORMAT`.
   *
   * @param message One sentence.
   * @param options `cause`: the error behind this one.
   */
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_FORMAT', message, options)
  }
}

/** A TypeError that is also a `SimdinitError`. */
export function createTypeError(message: string, options?: ErrorOptions): TypeError & SimdinitError {
  return mark(new TypeError(message, options), 'ERR_INVALID_TYPE')
}

/** A RangeError that is also a `SimdinitError`. */
export function createRangeError(message: string, options?: ErrorOptions): RangeError & SimdinitError {
  return mark(new RangeError(message, options), 'ERR_INVALID_VALUE')
}

function mark<E extends Error>(error: E, code: ErrorCode): E & SimdinitError {
  Object.defineProperty(error, MARK, { value: true })
  return Object.assign(error, { code })
}
