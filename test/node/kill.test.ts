/** Processes that are killed at any operation: every file is complete or absent, and the next run continues. */

import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { init } from '../../src/node/index.ts'
import { CLI_PATH } from '../support/run-simdinit.ts'
import { hashFiles, createModelFolder } from '../support/folders.ts'
import { byTier, itSlow, pickByTier } from '../support/tier.ts'

const HOOK = resolve('test/support/kill-at.mjs')
const MAX = 4000 // three files

function start(cwd: string, env: Record<string, string>, ...args: string[]): ChildProcess {
  const all = [
    '--import',
    HOOK,
    CLI_PATH,
    'init',
    'model',
    '--out',
    'out',
    '--max-shard-size',
    `${MAX}`,
    '--quiet',
  ]
  return spawn(process.execPath, [...all, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  })
}

/** The exit status, or the signal that ended it. */
const ended = (child: ChildProcess) =>
  new Promise<number | string>((settle) =>
    child.on('close', (code, signal) => settle(code ?? (signal as string))),
  )

const inProcess = (cwd: string, options = {}) =>
  init(join(cwd, 'model'), { out: join(cwd, 'out'), maxShardSize: MAX, backend: 'js', ...options })

/** The files that an undisturbed run writes, and the number of its file operations. */
async function runUndisturbed(...args: string[]) {
  const cwd = createModelFolder()
  if (args.length > 0) await inProcess(cwd, { rank: 0, worldSize: 2 })
  expect(await ended(start(cwd, { COUNT_TO: join(cwd, 'count') }, ...args))).toBe(0)
  const operations = readFileSync(join(cwd, 'count'), 'utf8').split(' ').length
  return { expected: hashFiles(join(cwd, 'out')), operations }
}

const listFrom1 = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** Every file under its final name is complete, and the manifest exists only when all others do. */
function expectOnlyCompleteFiles(cwd: string, expected: Record<string, string>): void {
  if (!existsSync(join(cwd, 'out'))) return
  const { 'simdinit.json': manifest, ...rest } = hashFiles(join(cwd, 'out'), { hidden: false })
  for (const [name, digest] of Object.entries(rest)) expect(digest, name).toBe(expected[name])
  if (manifest) expect(Object.keys(rest)).toHaveLength(Object.keys(expected).length - 1)
}

describe('a process that is killed', () => {
  it('leaves only complete files, whichever file operation it is killed at', async () => {
    const { expected, operations } = await runUndisturbed()
    expect(operations).toBeGreaterThan(40)
    for (const at of pickByTier(3, listFrom1(operations))) {
      const cwd = createModelFolder()
      expect(await ended(start(cwd, { KILL_AT: `${at}` })), `operation ${at}`).toBe('SIGKILL')
      expectOnlyCompleteFiles(cwd, expected)
      await inProcess(cwd)
      expect(hashFiles(join(cwd, 'out')), `operation ${at}`).toEqual(expected)
    }
  })

  itSlow('completes the checkpoint in the end if it is killed again and again', async () => {
    const { expected } = await runUndisturbed()
    const cwd = createModelFolder()
    let kills = 0
    while ((await ended(start(cwd, { KILL_AT: `${8 + kills}` }))) === 'SIGKILL') {
      expectOnlyCompleteFiles(cwd, expected)
      kills++
    }
    expect(kills).toBeGreaterThan(1)
    expect(hashFiles(join(cwd, 'out'))).toEqual(expected)
  })
})

describe('two ranks', () => {
  it('may both complete it: one that is paused at any file operation finds the checkpoint complete', async () => {
    const args = ['--rank', '1', '--world-size', '2']
    const { expected, operations } = await runUndisturbed(...args)
    for (const at of pickByTier(2, listFrom1(operations))) {
      const cwd = createModelFolder()
      await inProcess(cwd, { rank: 0, worldSize: 2 })
      const child = start(cwd, { KILL_AT: `${at}`, KILL_WITH: 'SIGSTOP' }, ...args)
      const end = ended(child)
      while (!/^State:\tT/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'))) await sleep(5)
      expect((await inProcess(cwd)).missing).toEqual([])
      child.kill('SIGCONT')
      expect(await end, `operation ${at}`).toBe(0)
      expect(hashFiles(join(cwd, 'out')), `operation ${at}`).toEqual(expected)
    }
  })

  it('complete the checkpoint in the end if they are killed at random', async () => {
    const { expected, operations } = await runUndisturbed()
    for (let time = 0; time < byTier(1, 6); time++) {
      const cwd = createModelFolder()
      const moments: string[] = []
      const untilDone = async (rank: number) => {
        for (let tries = 0; ; tries++) {
          const at = tries < byTier(1, 3) ? 1 + Math.floor(Math.random() * (operations / 2)) : 0
          moments.push(`${rank}: ${at}`)
          const end = await ended(start(cwd, { KILL_AT: `${at}` }, '--rank', `${rank}`, '--world-size', '2'))
          if (end === 0) return
          expect(end, moments.join(', ')).toBe('SIGKILL')
          expectOnlyCompleteFiles(cwd, expected)
        }
      }
      await Promise.all([untilDone(0), untilDone(1)])
      expect(hashFiles(join(cwd, 'out')), moments.join(', ')).toEqual(expected)
    }
  })
})
