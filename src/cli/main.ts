#!/usr/bin/env node
/**
 * The command `simdinit`. Results go to stdout, progress and errors to stderr. The exit status is 0 if the command
 * succeeds, 1 if it fails or finds differences, and 2 for bad usage or input.
 */

import { setFlagsFromString } from 'node:v8'
import { CommanderError } from 'commander'
import { describeSystemError } from '../node/system-error.ts'
import { printError } from './output.ts'
import { createProgram } from './program.ts'
import { formatError, getExitCode } from './report-error.ts'

// a reader that stops early, such as head, is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode)
  printError(`simdinit: standard output: ${describeSystemError(error)}`)
  process.exit(1)
})
// a broken stderr must not affect the run
process.stderr.on('error', () => {})

// collect garbage sooner than V8 would: planning leaves several times the memory that a plan needs
setFlagsFromString('--heap-growing-percent=20')

const abortController = new AbortController()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    if (!abortController.signal.aborted) return abortController.abort(code)
    // a second signal ends the process at once
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    process.exit(code) // process 1 of a container ignores its own signals
  })
}

try {
  await createProgram(abortController.signal).parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2 // commander has printed the message
  } else if (abortController.signal.aborted) {
    process.exitCode = abortController.signal.reason
    printError('simdinit: interrupted; unfinished files were removed')
  } else {
    process.exitCode = getExitCode(error)
    printError(`simdinit: ${formatError(error)}`)
  }
}
