/** Containers that share a host name, process numbers and an output folder: they are killed, and they run at once. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { init } from '../../../src/node/index.ts'
import { listTempFiles, mayContain, startContainer } from '../../support/containers.ts'
import { createModelFolder, hashFiles } from '../../support/folders.ts'

const ROUNDS = 10
/** Gives three files. */
const ARGS = ['--max-shard-size', '4000']

async function hashSingleRun(): Promise<Record<string, string>> {
  const cwd = createModelFolder()
  await init(join(cwd, 'model'), { out: join(cwd, 'out'), maxShardSize: 4000 })
  return hashFiles(join(cwd, 'out'))
}

const SUCCESS = { end: 0, output: '' }

describe.skipIf(!mayContain)('containers of one host name', () => {
  it('continue what one of them left when it was killed', async () => {
    const expected = await hashSingleRun()
    for (let round = 0; round < ROUNDS; round++) {
      const cwd = createModelFolder()
      for (const hangAt of [4 + round, 4 + 2 * round]) {
        const container = startContainer(cwd, ARGS, hangAt)
        await container.hangs
        container.kill()
        await container.ended
      }
      expect(await startContainer(cwd, ARGS).ended, `round ${round}`).toEqual(SUCCESS)
      expect(hashFiles(join(cwd, 'out')), `round ${round}`).toEqual(expected)
    }
  })

  it('write the files of one checkpoint at once', async () => {
    const expected = await hashSingleRun()
    for (let round = 0; round < ROUNDS; round++) {
      const cwd = createModelFolder()
      const ranks = [0, 1, 0].map(async (rank, i) => {
        await sleep(i * round * 40)
        return startContainer(cwd, [...ARGS, '--rank', `${rank}`, '--world-size', '2']).ended
      })
      expect(await Promise.all(ranks), `round ${round}`).toEqual([SUCCESS, SUCCESS, SUCCESS])
      expect(hashFiles(join(cwd, 'out')), `round ${round}`).toEqual(expected)
    }
  })

  it('leave the files of one that is at work alone, whichever file operation it is at', async () => {
    const expected = await hashSingleRun()
    for (let hangAt = 4; hangAt < 4 + ROUNDS; hangAt++) {
      const cwd = createModelFolder()
      const args = (rank: number) => [...ARGS, '--rank', `${rank}`, '--world-size', '2']
      const slow = startContainer(cwd, args(0), hangAt)
      await slow.hangs
      const before = listTempFiles(cwd)
      expect(await startContainer(cwd, args(1)).ended, `operation ${hangAt}`).toEqual(SUCCESS)
      expect(readdirSync(join(cwd, 'out')), `operation ${hangAt}`).toEqual(expect.arrayContaining(before))
      const other = await startContainer(cwd, [...ARGS, '--seed', '1', '--force']).ended
      expect(other.output).toContain('another run is writing a different checkpoint to out')
      slow.kill()
      await slow.ended
      expect(await startContainer(cwd, args(0)).ended, `operation ${hangAt}`).toEqual(SUCCESS)
      expect(hashFiles(join(cwd, 'out')), `operation ${hangAt}`).toEqual(expected)
    }
  })
})
