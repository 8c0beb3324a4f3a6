/** Checkpoints of several files, written by one or several processes: the bytes are the same. */

import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { init, verify, type InitOptions } from '../../src/node/index.ts'
import { runSimdinit } from '../support/run-simdinit.ts'
import { hashFiles, createModelFolder } from '../support/folders.ts'
import { byTier, itSlow, pickByTier } from '../support/tier.ts'

const SHARDS = [1, 2, 3, 4, 5, 6].map((i) => `model-0000${i}-of-00006.safetensors`)
const FILES = ['config.json', ...SHARDS, 'model.safetensors.index.json', 'simdinit.json']

/** Gives six files. */
const MAX = 2000

const run = (folder: string, options: InitOptions = {}) =>
  init(join(folder, 'model'), { out: join(folder, 'out'), maxShardSize: MAX, backend: 'js', ...options })

/** The files that a single process writes. */
async function hashSingleRun(): Promise<Record<string, string>> {
  const folder = createModelFolder()
  await run(folder)
  return hashFiles(join(folder, 'out'))
}

describe('a checkpoint of several files', () => {
  it('has an index, and the same tensors as a single file', async () => {
    const folder = createModelFolder()
    const { status, files } = await run(folder)
    expect(status).toBe('written')
    expect(files.map(({ name }) => name)).toEqual(SHARDS)
    expect(Object.keys(hashFiles(join(folder, 'out')))).toEqual(FILES)
    const index = JSON.parse(readFileSync(join(folder, 'out', 'model.safetensors.index.json'), 'utf8'))
    await run(folder, { out: join(folder, 'one'), maxShardSize: '5GB' })

    const tensors = (name: string) => {
      const bytes = readFileSync(join(folder, name))
      const end = 8 + Number(bytes.readBigUInt64LE(0))
      const { __metadata__: _, ...header } = JSON.parse(bytes.subarray(8, end).toString())
      return Object.entries<{ data_offsets: [number, number] }>(header).map(
        ([
          tensor,
          {
            data_offsets: [from, to],
          },
        ]) => [tensor, bytes.subarray(end + from, end + to).toString('hex')],
      )
    }
    const whole = Object.fromEntries(tensors('one/model.safetensors'))
    expect(Object.fromEntries(SHARDS.flatMap((name) => tensors(`out/${name}`)))).toEqual(whole)
    for (const name of SHARDS)
      for (const [tensor] of tensors(`out/${name}`)) expect(index.weight_map[tensor]).toBe(name)
  })

  it('is verified in full or by sample, including its index', async () => {
    const folder = createModelFolder()
    await run(folder)
    const out = join(folder, 'out')
    expect(await verify(out)).toMatchObject({ differences: [], tensors: 28 })
    expect(await verify(out, { sample: 50 })).toMatchObject({ differences: [] })
    const found = async (options = {}) =>
      (await verify(out, options)).differences.map((d) => `${d.file}: ${d.reason}`)

    const index = join(out, 'model.safetensors.index.json')
    writeFileSync(index, readFileSync(index, 'utf8').replace('-00001-', '-00002-'))
    expect(await found()).toEqual(['model.safetensors.index.json: does not match the weight files'])
    rmSync(index)
    expect(await found()).toEqual(['model.safetensors.index.json: missing'])
    await run(folder)

    truncateSync(join(out, SHARDS[2]), 100)
    rmSync(join(out, SHARDS[4]))
    expect(await found({ sample: 1 })).toEqual([
      expect.stringMatching(`^${SHARDS[2]}: size is 100 bytes, expected \\d+$`),
      `${SHARDS[4]}: missing`,
    ])
  })
})

describe('ranks', () => {
  it.each(byTier([3], [1, 2, 3, 6, 9]))(
    'write the bytes of a single process, %i of them in sequence',
    async (worldSize) => {
      const folder = createModelFolder()
      const statuses: string[] = []
      for (let rank = 0; rank < worldSize; rank++) {
        const { status, files, missing } = await run(folder, { rank, worldSize })
        statuses.push(status)
        expect(missing).toEqual(SHARDS.filter((_, i) => i % worldSize > rank))
        if (status === 'partial')
          expect(files).toHaveLength(SHARDS.filter((_, i) => i % worldSize === rank).length)
      }
      expect(statuses.slice(0, Math.min(worldSize, 6) - 1).every((status) => status === 'partial')).toBe(true)
      expect(statuses.at(-1)).toBe(worldSize > 6 ? 'complete' : 'written')
      expect(hashFiles(join(folder, 'out'))).toEqual(await hashSingleRun())
    },
  )

  it('write the bytes of a single process when they run at once, several times each', async () => {
    const expected = await hashSingleRun()
    for (let time = 0; time < byTier(1, 5); time++) {
      const folder = createModelFolder()
      const results = await Promise.all(
        [0, 1, 2, 0, 1, 2].map((rank) => run(folder, { rank, worldSize: 3, chunkBytes: 64 })),
      )
      expect(results.some(({ status }) => status !== 'partial')).toBe(true)
      expect(hashFiles(join(folder, 'out'))).toEqual(expected)
    }
  })

  it('may change in number when the work is continued', async () => {
    const folder = createModelFolder()
    expect(await run(folder, { rank: 1, worldSize: 4 })).toMatchObject({
      missing: [0, 2, 3, 4].map((i) => SHARDS[i]),
    })
    expect(await run(folder, { rank: 0, worldSize: 2 })).toMatchObject({ missing: [SHARDS[3]] })
    expect(await run(folder, { rank: 0, worldSize: 1 })).toMatchObject({ status: 'continued', missing: [] })
    expect(hashFiles(join(folder, 'out'))).toEqual(await hashSingleRun())
  })

  it('check their own files, and with resume those of others', async () => {
    const folder = createModelFolder()
    await run(folder, { rank: 0, worldSize: 2 })
    const path = join(folder, 'out', SHARDS[2])
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] ^= 1
    writeFileSync(path, bytes)
    const sentence = `contains a ${SHARDS[2]} with different bytes; use "force" to replace it`
    await expect(run(folder, { rank: 0, worldSize: 2 })).rejects.toThrow(sentence)
    await expect(run(folder, { rank: 1, worldSize: 2, resume: true })).rejects.toThrow(sentence)
    await expect(run(folder)).rejects.toThrow(sentence)
    bytes[bytes.length - 1] ^= 1
    writeFileSync(path, bytes)
    expect(await run(folder, { rank: 1, worldSize: 2, resume: true })).toMatchObject({ status: 'continued' })
    expect(hashFiles(join(folder, 'out'))).toEqual(await hashSingleRun())
  })

  itSlow('replace digest files that are empty or missing', async () => {
    const folder = createModelFolder()
    const out = join(folder, 'out')
    await run(folder, { rank: 0, worldSize: 2 })
    const digestFiles = readdirSync(out).filter((name) => name.endsWith('.sha256'))
    expect(digestFiles).toHaveLength(3)
    writeFileSync(join(out, digestFiles[0]), '')
    rmSync(join(out, digestFiles[1]))
    expect(await run(folder, { rank: 1, worldSize: 2 })).toMatchObject({ missing: [SHARDS[0], SHARDS[2]] })
    expect(await run(folder, { rank: 0, worldSize: 2 })).toMatchObject({ status: 'continued' })
    expect(hashFiles(out)).toEqual(await hashSingleRun())
  })

  it('are refused in a folder of another plan, which a single process replaces with force', async () => {
    const folder = createModelFolder()
    await run(folder, { rank: 0, worldSize: 2, seed: 1 })
    await expect(run(folder, { rank: 1, worldSize: 2 })).rejects.toThrow(
      /contains part of a different checkpoint \(\..*\.sha256\)/,
    )
    await expect(run(folder, { rank: 1, worldSize: 2, force: true })).rejects.toThrow(
      '"force" is for a single process: 2 ranks would delete each other\'s files',
    )
    expect(await run(folder, { force: true })).toMatchObject({ status: 'written' })
    expect(hashFiles(join(folder, 'out'))).toEqual(await hashSingleRun())
  })

  itSlow('have nothing to do if the checkpoint is complete', async () => {
    const folder = createModelFolder()
    await run(folder)
    expect(await run(folder, { rank: 1, worldSize: 2 })).toMatchObject({ status: 'complete', missing: [] })
    rmSync(join(folder, 'out', SHARDS[0])) // rank 0's
    expect(await run(folder, { rank: 1, worldSize: 2 })).toMatchObject({
      status: 'partial',
      missing: [SHARDS[0]],
    })
    expect(await run(folder, { rank: 0, worldSize: 2 })).toMatchObject({ status: 'continued', missing: [] })
    expect(hashFiles(join(folder, 'out'))).toEqual(await hashSingleRun())
  })

  itSlow('remove temporary files that other machines left of this plan, but not their claims', async () => {
    const folder = createModelFolder()
    await run(folder, { rank: 0, worldSize: 2 })
    const out = join(folder, 'out')
    const plan = /([0-9a-f]{8})\.sha256/.exec(readdirSync(out).join(' '))?.[1]
    const left = `.${SHARDS[1]}.${plan}.00000000-17-0.tmp`
    const claim = `.simdinit.${plan}.00000000-17-1.tmp`
    for (const name of [left, claim]) writeFileSync(join(out, name), 'half')
    await run(folder, { rank: 1, worldSize: 2 })
    expect(readdirSync(out)).toContain(claim)
    rmSync(join(out, claim))
    expect(hashFiles(out)).toEqual(await hashSingleRun())
  })

  it.each([
    [{ rank: 2, worldSize: 2 }, '"rank" must be an integer from 0 to 1; received 2'],
    [{ rank: -1, worldSize: 2 }, '"rank" must be an integer from 0 to 1; received -1'],
    [{ worldSize: 0 }, '"worldSize" must be a safe integer >= 1; received 0'],
  ])('%j is refused', async (options, sentence) => {
    const folder = createModelFolder()
    await expect(run(folder, options)).rejects.toThrow(sentence)
    expect(readdirSync(folder)).toEqual(['model'])
  })
})

describe('the command', () => {
  const args = ['init', 'model', '--out', 'out', '--max-shard-size', '2KB']

  it('reads its rank from the environment, and reports the files that remain', async () => {
    const cwd = createModelFolder()
    const prefix = (rank: number) => ['env', `RANK=${rank}`, 'WORLD_SIZE=2']
    const first = await runSimdinit(args, { cwd, prefix: prefix(0) })
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('rank 0 of 2 is done; 3 files remain for other ranks')
    const second = await runSimdinit([...args, '--json'], { cwd, prefix: prefix(1) })
    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'written', rank: 1, worldSize: 2, missing: [] })
    expect(hashFiles(join(cwd, 'out'))).toEqual(await hashSingleRun())
  })

  it.each(
    pickByTier(1, [
      [
        ['--max-shard-size', '5GiB'],
        '--max-shard-size must be a size such as 5GB or a number of bytes; received "5GiB"',
      ],
      [
        ['--max-shard-size', '0'],
        '--max-shard-size must be a size such as 5GB or a number of bytes; received "0"',
      ],
      [['--rank', '1'], '--rank needs --world-size'],
      [['--rank', '2', '--world-size', '2'], '--rank must be below 2; received 2'],
      [['--rank', '-1', '--world-size', '2'], '--rank must be an integer >= 0; received "-1"'],
      [['--world-size', '0'], '--world-size must be an integer >= 1; received "0"'],
    ]),
  )('refuses %j', async (more, sentence) => {
    const cwd = createModelFolder()
    expect(await runSimdinit(['init', 'model', ...more], { cwd })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `simdinit: ${sentence}\n`,
    })
    expect(readdirSync(cwd)).toEqual(['model'])
  })
})
