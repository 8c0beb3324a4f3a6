#!/usr/bin/env node
/** The command. Results go to stdout, progress and errors to stderr; 0 done, 1 failed or differs, 2 bad input. */

import { InputError } from '../errors/simdinit-error.ts'
import { setFlagsFromString } from 'node:v8'
import { CommanderError } from 'commander'
import { describeErrno } from '../node/model-source.ts'
import { createProgram } from './program.ts'

// whoever reads may stop reading: that is not a failure
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode)
  process.stderr.write(`simdinit: standard output: ${describeErrno(error.code)}\n`)
  process.exit(1)
})
// nor need anybody hear how it goes: the work and its exit status are what they are
process.stderr.on('error', () => {})

// collect garbage sooner than V8 would: a plan of many tensors leaves behind several times what it keeps
setFlagsFromString('--heap-growing-percent=20')

const abortController = new AbortController()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  // a second signal is not caught, and ends the process at once
  process.once(signal, () => abortController.abort(code))
}

try {
  await createProgram(abortController.signal).parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2 // commander has said why
  } else if (abortController.signal.aborted) {
    process.exitCode = abortController.signal.reason
    process.stderr.write('simdinit: stopped; nothing unfinished is left behind\n')
  } else {
    process.exitCode = error instanceof InputError ? 2 : 1
    process.stderr.write(`simdinit: ${formatError(error as NodeJS.ErrnoException)}\n`)
  }
}

function formatError(error: NodeJS.ErrnoException): string {
  if (error instanceof InputError) return toSingleLine(error.message)
  if (error.code && error.syscall)
    return toSingleLine(`${error.path ?? error.syscall}: ${describeErrno(error.code)}`)
  return error.stack ?? String(error)
}

/** Messages may quote what a file holds: nothing of that reaches the terminal but as text. */
function toSingleLine(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return plain.length > 2000 ? `${plain.slice(0, 2000)}...` : plain
}
