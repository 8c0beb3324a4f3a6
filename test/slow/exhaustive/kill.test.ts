/** A hundred SIGKILLs at random moments of longer runs, of one process and of two concurrent ranks. */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { init } from '../../../src/node/index.ts'
import { CLI_PATH, TINY_CONFIG } from '../../support/run-simdinit.ts'
import { hashFiles, createModelFolder } from '../../support/folders.ts'

/** 30 MB in eight files: a run takes about half a second. */
const MODEL = { ...TINY_CONFIG, vocab_size: 20_000, n_embd: 256, n_head: 4, n_layer: 3 }
const SIZE = '4MB'
const KILLS = 100

it.each([1, 2])(
  `${KILLS} kills of runs of %i ranks leave the bytes of an undisturbed run`,
  async (worldSize) => {
    const expected = createModelFolder(MODEL)
    await init(join(expected, 'model'), { out: join(expected, 'out'), maxShardSize: SIZE })
    const wanted = hashFiles(join(expected, 'out'))
    let kills = 0
    let checkpoints = 0
    while (kills < KILLS) {
      const cwd = createModelFolder(MODEL)
      const untilDone = async (rank: number) => {
        for (;;) {
          const ranks = ['--rank', `${rank}`, '--world-size', `${worldSize}`]
          const child = spawn(
            process.execPath,
            [CLI_PATH, 'init', 'model', '--out', 'out', '--max-shard-size', SIZE, '--quiet', ...ranks],
            { cwd, stdio: ['ignore', 'ignore', 'inherit'] },
          )
          const end = new Promise((settle) => child.on('close', (code, signal) => settle(signal ?? code)))
          await Promise.race([end, sleep(100 + Math.random() * 700)])
          child.kill('SIGKILL')
          const how = await end
          if (how === 0) return
          expect(how).toBe('SIGKILL')
          kills++
          if (!existsSync(join(cwd, 'out'))) continue
          const { 'simdinit.json': manifest, ...rest } = hashFiles(join(cwd, 'out'), { hidden: false })
          for (const [name, digest] of Object.entries(rest)) expect(digest, name).toBe(wanted[name])
          if (manifest) expect(Object.keys(rest)).toHaveLength(Object.keys(wanted).length - 1)
        }
      }
      await Promise.all(Array.from({ length: worldSize }, (_, rank) => untilDone(rank)))
      expect(hashFiles(join(cwd, 'out'))).toEqual(wanted)
      checkpoints++
    }
    expect(checkpoints).toBeGreaterThan(0)
  },
)
