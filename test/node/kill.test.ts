/** Processes that end at any moment, by a real SIGKILL: what is there is right, and the next run completes it. */

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

/** What an undisturbed run writes, and how many operations it needs. */
async function undisturbed(...args: string[]) {
  const cwd = createModelFolder()
  if (args.length > 0) await inProcess(cwd, { rank: 0, worldSize: 2 })
  expect(await ended(start(cwd, { COUNT_TO: join(cwd, 'count') }, ...args))).toBe(0)
  const operations = readFileSync(join(cwd, 'count'), 'utf8').split(' ').length
  return { expected: hashFiles(join(cwd, 'out')), operations }
}

const listFrom1 = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** Every file under a final name is whole, and the manifest is not there before all else is. */
function expectNothingHalf(cwd: string, expected: Record<string, string>): void {
  if (!existsSync(join(cwd, 'out'))) return
  const { 'simdinit.json': manifest, ...rest } = hashFiles(join(cwd, 'out'), { hidden: false })
  for (const [name, digest] of Object.entries(rest)) expect(digest, name).toBe(expected[name])
  if (manifest) expect(Object.keys(rest)).toHaveLength(Object.keys(expected).length - 1)
}

describe('a process that is killed', () => {
  it('before any of its operations on the disk leaves nothing half, and its work is continued', async () => {
    const { expected, operations } = await undisturbed()
    expect(operations).toBeGreaterThan(40)
    for (const at of pickByTier(6, listFrom1(operations))) {
      const cwd = createModelFolder()
      expect(await ended(start(cwd, { KILL_AT: `${at}` })), `operation ${at}`).toBe('SIGKILL')
      expectNothingHalf(cwd, expected)
      await inProcess(cwd)
      expect(hashFiles(join(cwd, 'out')), `operation ${at}`).toEqual(expected)
    }
  })

  itSlow('again and again, each time a little later, comes to the end all the same', async () => {
    const { expected } = await undisturbed()
    const cwd = createModelFolder()
    let kills = 0
    while ((await ended(start(cwd, { KILL_AT: `${8 + kills}` }))) === 'SIGKILL') {
      expectNothingHalf(cwd, expected)
      kills++
    }
    expect(kills).toBeGreaterThan(1)
    expect(hashFiles(join(cwd, 'out'))).toEqual(expected)
  })
})

describe('two ranks that race', () => {
  it('to finish: one that stops before any of its operations finds all done when it goes on', async () => {
    const args = ['--rank', '1', '--world-size', '2']
    const { expected, operations } = await undisturbed(...args)
    for (const at of pickByTier(4, listFrom1(operations))) {
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

  it('and are killed at random give one checkpoint in the end', async () => {
    const { expected, operations } = await undisturbed()
    for (let time = 0; time < byTier(1, 6); time++) {
      const cwd = createModelFolder()
      const moments: string[] = []
      const untilDone = async (rank: number) => {
        for (let tries = 0; ; tries++) {
          const at = tries < 3 ? 1 + Math.floor(Math.random() * (operations / 2)) : 0
          moments.push(`${rank}: ${at}`)
          const end = await ended(start(cwd, { KILL_AT: `${at}` }, '--rank', `${rank}`, '--world-size', '2'))
          if (end === 0) return
          expect(end, moments.join(', ')).toBe('SIGKILL')
          expectNothingHalf(cwd, expected)
        }
      }
      await Promise.all([untilDone(0), untilDone(1)])
      expect(hashFiles(join(cwd, 'out')), moments.join(', ')).toEqual(expected)
    }
  })
})
