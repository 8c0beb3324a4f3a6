/** Claims of runs: a run in a container is alive until it ends, whatever its host name and process number. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { init } from '../../src/node/index.ts'
import { createLock, getLockDomain, isAbandoned } from '../../src/node/run-lock.ts'
import { listTempFiles, mayContain, startContainer } from '../support/containers.ts'
import { createModelFolder, hashFiles } from '../support/folders.ts'
import { createTempFolder } from '../support/run-simdinit.ts'

/** Gives three files. */
const MAX = 4000
const run = (cwd: string, options = {}) =>
  init(join(cwd, 'model'), { out: join(cwd, 'out'), maxShardSize: MAX, backend: 'js', ...options })

async function hashSingleRun(options = {}): Promise<Record<string, string>> {
  const cwd = createModelFolder()
  await run(cwd, options)
  return hashFiles(join(cwd, 'out'))
}

describe.skipIf(process.platform === 'win32')('a lock', () => {
  it('is held until its holder ends it', async () => {
    const folder = createTempFolder()
    const path = join(folder, 'lock')
    const unlock = await createLock(path, join(folder, 'setup'))
    expect(unlock).toBeTypeOf('function')
    expect(readdirSync(folder)).toEqual(['lock'])
    expect(await isAbandoned(path)).toBe(false)
    unlock?.()
    expect(await isAbandoned(path)).toBe(true)
  })

  it('may have a path that is too long for a socket on Linux', async () => {
    const folder = mkdtempSync(join(createTempFolder(), 'x'.repeat(200)))
    const path = join(folder, 'lock')
    const unlock = await createLock(path, join(folder, 'setup'))
    if (process.platform === 'linux') expect(unlock).toBeTypeOf('function')
    unlock?.()
    expect(unlock === undefined || (await isAbandoned(path))).toBe(true)
  })

  it('is not created if another run removes it meanwhile, and leaves nothing', async () => {
    const folder = createTempFolder()
    expect(await createLock(join(folder, 'missing', 'lock'), join(folder, 'setup'))).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is not proven abandoned by a file that is no socket', async () => {
    const path = join(createTempFolder(), 'lock')
    writeFileSync(path, '')
    expect(await isAbandoned(path)).toBe(false)
  })
})

describe('a claim whose run cannot be proven dead', () => {
  /** A folder with a claim of seed 1, which is a file or a lock without a holder, and a temporary file of its run. */
  async function abandon(domain: (folder: string) => string, isLock = false) {
    const cwd = createModelFolder()
    await run(cwd, { seed: 1, rank: 0, worldSize: 2 })
    const [plan] = readdirSync(join(cwd, 'out')).flatMap((name) => /\.(\w{8})\.sha256$/.exec(name)?.[1] ?? [])
    const suffix = `${plan}.${domain(join(cwd, 'out'))}-0123456789abcdef`
    const claim = `.simdinit.${suffix}-0.tmp`
    writeFileSync(join(cwd, 'out', `.model-00002-of-00003.safetensors.${suffix}-1.tmp`), '')
    if (isLock) (await createLock(join(cwd, 'out', claim), join(cwd, 'out', 'setup')))?.()
    else writeFileSync(join(cwd, 'out', claim), '')
    return { cwd, claim }
  }

  it.each([
    ['without a lock', getLockDomain, false],
    ['of another machine', () => '00000000', process.platform !== 'win32'],
  ])('%s does not keep the same plan from being completed', async (_, domain, isLock) => {
    const { cwd, claim } = await abandon(domain, isLock)
    expect(await run(cwd, { seed: 1 })).toMatchObject({ status: 'continued' })
    expect(listTempFiles(cwd)).toEqual([claim])
    rmSync(join(cwd, 'out', claim))
    expect(hashFiles(join(cwd, 'out'))).toEqual(await hashSingleRun({ seed: 1 }))
  })

  it('keeps other plans out, and is named', async () => {
    const { cwd } = await abandon(getLockDomain)
    const before = hashFiles(join(cwd, 'out'))
    const error = await run(cwd, { seed: 2, force: true }).catch((error: unknown) => error)
    const [, plan] = /; if it is not, remove \.\*\.(\w{8})\.\*\.tmp there$/.exec(String(error)) ?? []
    expect(hashFiles(join(cwd, 'out'))).toEqual(before)
    for (const name of listTempFiles(cwd)) if (name.includes(`.${plan}.`)) rmSync(join(cwd, 'out', name))
    expect(await run(cwd, { seed: 2, force: true })).toMatchObject({ status: 'written' })
    expect(listTempFiles(cwd)).toEqual([])
  })
})

describe.skipIf(!mayContain)('a run in a container', () => {
  let kill = () => {}
  afterEach(() => kill())

  it('keeps its files and its claim while it lives, and leaves neither in the way when it is killed', async () => {
    const cwd = createModelFolder()
    const args = ['--max-shard-size', `${MAX}`, '--seed', '1']
    const container = startContainer(cwd, args, 4) // the first write
    kill = container.kill
    await container.hangs
    const tempFile = listTempFiles(cwd).find((name) => name.startsWith('.model'))
    expect(tempFile).toBeDefined()
    expect(await run(cwd, { seed: 1, rank: 1, worldSize: 2 })).toMatchObject({ status: 'partial' })
    expect(listTempFiles(cwd)).toContain(tempFile)
    for (const name of readdirSync(join(cwd, 'out')).filter((name) => !name.endsWith('.tmp')))
      rmSync(join(cwd, 'out', name)) // only the container's files
    await expect(run(cwd, { seed: 2 })).rejects.toThrow('another run is writing a different checkpoint')
    container.kill()
    await container.ended
    expect(listTempFiles(cwd)).toContain(tempFile)
    expect(await run(cwd, { seed: 2 })).toMatchObject({ status: 'written' })
    expect(hashFiles(join(cwd, 'out'))).toEqual(await hashSingleRun({ seed: 2 }))
  })
})
