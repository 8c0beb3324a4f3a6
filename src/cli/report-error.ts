/** Errors as the command reports them: one line, and an exit status. */

import { SimdinitError } from '../errors/simdinit-error.ts'
import { describeSystemError, isSystemError } from '../node/system-error.ts'
import { escapeControlChars } from './escape.ts'
import { nameFlags } from './option-flags.ts'

const MAX_MESSAGE_CHARS = 2000

/** Errors of these codes are bad usage or input; all others are failures. */
const INPUT_ERROR_CODES: ReadonlySet<string> = new Set([
  'ERR_INVALID_INPUT',
  'ERR_INVALID_FORMAT',
  'ERR_INVALID_TYPE',
  'ERR_INVALID_VALUE',
])

/** 2 for bad usage or input, otherwise 1. */
export function getExitCode(error: unknown): 1 | 2 {
  return error instanceof SimdinitError && INPUT_ERROR_CODES.has(error.code) ? 2 : 1
}

/** One line for errors of this package and of the system, the stack for all others. */
export function formatError(error: unknown): string {
  if (error instanceof SimdinitError) return toSingleLine(nameFlags(error.message))
  if (isSystemError(error)) {
    const { dest, path, syscall } = error as NodeJS.ErrnoException & { dest?: string }
    return toSingleLine(`${dest ?? path ?? syscall}: ${describeSystemError(error)}`)
  }
  return (error as Error)?.stack ?? String(error)
}

/** A message may quote the content of a file, line breaks included. */
function toSingleLine(text: string): string {
  const line = escapeControlChars(text)
  return line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS)}...` : line
}
