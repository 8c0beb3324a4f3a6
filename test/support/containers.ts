/**
 * Runs of the command as containers start them: namespaces of their own for processes, networks and host names, in
 * which the host name is always the same and the command always is process 1.
 */

import { spawn, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CLI_PATH } from './run-simdinit.ts'

const HOOK = resolve('test/support/kill-at.mjs')
const NAMESPACES = ['--uts', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']

export const mayContain = spawnSync('unshare', [...NAMESPACES, 'true']).status === 0
if (!mayContain) console.warn('skipping the tests of containers: unshare is not allowed here')

export interface Container {
  /** The exit status, or the signal that ended it, and what it printed. */
  readonly ended: Promise<{ end: number | string; output: string }>
  /** Resolves when it hangs, or has ended before. */
  readonly hangs: Promise<unknown>
  kill(): void
}

/** Starts `simdinit init model --out out` in a container. It blocks at its file operation `hangAt`, if that is given. */
export function startContainer(cwd: string, args: readonly string[], hangAt = 0): Container {
  const command = ['--import', HOOK, CLI_PATH, 'init', 'model', '--out', 'out', '--quiet', ...args]
  const script = 'hostname job-0; exec "$@"'
  const child = spawn(
    'unshare',
    [...NAMESPACES, 'bash', '-c', script, 'bash', process.execPath, ...command],
    {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KILL_AT: `${hangAt}`, KILL_WITH: 'HANG' },
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const ended = new Promise<{ end: number | string; output: string }>((settle) =>
    child.on('close', (code, signal) => settle({ end: code ?? (signal as string), output })),
  )
  const hangs = Promise.race([ended, new Promise((settle) => child.stderr.once('data', settle))])
  return { ended, hangs, kill: () => void child.kill('SIGKILL') }
}

/** Names of the temporary files in the output folder. */
export function listTempFiles(cwd: string): string[] {
  return readdirSync(join(cwd, 'out')).filter((name) => name.endsWith('.tmp'))
}
