/** Runs other programs for the build and for the playground. */

import { spawnSync } from 'node:child_process'

/** Runs a program and sends its output to stderr. Exits with status 1 when the program fails. */
export function runOrExit(command, args, { cwd, label }) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (!error && status === 0) return
  process.stderr.write(`${label}: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}\n`)
  process.exit(1)
}
