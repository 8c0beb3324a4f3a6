/**
 * Eight ranks of one checkpoint, four at a time, on machines of three names. Each is killed at a random moment or not,
 * and started again until all have ended: no file under its final name is ever incomplete, and the bytes are those of
 * one process.
 */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { init } from '../../../src/node/index.ts'
import { createModelFolder, hashFiles } from '../../support/folders.ts'
import { CLI_PATH, TINY_CONFIG } from '../../support/run-simdinit.ts'

const ROUNDS = 3
const RANKS = 8
/** Gives more files than there are ranks. */
const SIZE = '2KB'
const MODEL = { ...TINY_CONFIG, n_layer: 6 }

const mayRename = spawnSync('unshare', ['--uts', 'hostname', 'host']).status === 0
if (!mayRename) console.warn('all ranks run under one host name: unshare is not allowed here')

/** Runs a rank, and kills it after some time unless that is undefined. Resolves to the exit status or signal. */
async function runRank(cwd: string, rank: number, killAfter: number | undefined): Promise<number | string> {
  const ranks = ['--rank', `${rank}`, '--world-size', `${RANKS}`]
  const command = [process.execPath, CLI_PATH, 'init', 'model', '--out', 'out', '--max-shard-size', SIZE]
  const script = `hostname host-${rank % 3}; exec "$@"`
  const prefix = mayRename ? ['unshare', '--uts', 'bash', '-c', script, 'bash'] : []
  const [program, ...args] = [...prefix, ...command, '--quiet', ...ranks]
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  const end = new Promise<number | string>((settle) =>
    child.on('close', (code, signal) => settle(code ?? (signal as string))),
  )
  if (killAfter !== undefined) {
    await Promise.race([end, sleep(killAfter)])
    child.kill('SIGKILL')
  }
  return end
}

it('ranks on many machines leave the bytes of one process, however they are killed', async () => {
  const single = createModelFolder(MODEL)
  await init(join(single, 'model'), { out: join(single, 'out'), maxShardSize: SIZE })
  const expected = hashFiles(join(single, 'out'))
  expect(Object.keys(expected).length).toBeGreaterThan(RANKS)
  let kills = 0
  for (let round = 0; round < ROUNDS; round++) {
    const cwd = createModelFolder(MODEL)
    const queue = Array.from({ length: RANKS }, (_, rank) => rank)
    const runQueue = async () => {
      for (let rank = queue.shift(); rank !== undefined; rank = queue.shift()) {
        const end = await runRank(cwd, rank, Math.random() < 0.5 ? 100 + Math.random() * 600 : undefined)
        if (end === 0) continue
        expect(end).toBe('SIGKILL')
        kills++
        queue.push(rank)
      }
    }
    let isRunning = true
    const watch = async () => {
      while (isRunning) {
        const files = existsSync(join(cwd, 'out')) ? hashFiles(join(cwd, 'out'), { hidden: false }) : {}
        for (const [name, digest] of Object.entries(files)) expect(digest, name).toBe(expected[name])
        await sleep(20)
      }
    }
    const watcher = watch()
    await Promise.all([runQueue(), runQueue(), runQueue(), runQueue()])
    isRunning = false
    await watcher
    await init(join(cwd, 'model'), { out: join(cwd, 'out'), maxShardSize: SIZE })
    expect(hashFiles(join(cwd, 'out'))).toEqual(expected)
  }
  expect(kills).toBeGreaterThan(0)
})
