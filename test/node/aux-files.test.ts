/** Copies of the tokenizer and similar files of a model's folder. */

import fs, {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { init, verify } from '../../src/node/index.ts'
import { createTempFolder, runSimdinit } from '../support/run-simdinit.ts'
import { hashFiles, createModelFolder } from '../support/folders.ts'

const OURS = ['config.json', 'model.safetensors', 'simdinit.json']

/** A folder with a folder `model`, which contains a config and files of these names. */
function modelWith(...names: string[]): string {
  const cwd = createModelFolder()
  for (const name of names) writeFileSync(join(cwd, 'model', name), `that is ${name}\n`)
  return cwd
}

type AnyFunction = (...args: unknown[]) => unknown

/** Replaces a function of node:fs until the test is finished or the returned function is called. */
function replaceFunction(
  name: 'realpathSync' | 'openSync' | 'read',
  replacement: (original: AnyFunction, ...args: unknown[]) => unknown,
): () => void {
  const original = fs[name] as AnyFunction
  const assign = (value: AnyFunction) => {
    Object.assign(fs, { [name]: value })
    syncBuiltinESMExports()
  }
  assign((...args) => replacement(original, ...args))
  const restore = () => assign(original)
  onTestFinished(restore)
  return restore
}

describe('a model in a folder', () => {
  it('has its tokenizer and generation files copied and recorded, and nothing else', async () => {
    const wanted = ['generation_config.json', 'merges.txt', 'spiece.model', 'tokenizer.json', 'vocab.json']
    const others = [
      'README.md',
      'pytorch_model.bin',
      'model.safetensors',
      'tokenizer.json.bak',
      '.tokenizer.json',
    ]
    const cwd = modelWith(...wanted, ...others)
    const { copied, leftOut } = await init(join(cwd, 'model'), { out: join(cwd, 'out') })
    expect({ copied, leftOut }).toEqual({ copied: wanted, leftOut: [] })
    const written = hashFiles(join(cwd, 'out'))
    expect(Object.keys(written)).toEqual([...OURS, ...wanted].toSorted())
    const given = hashFiles(join(cwd, 'model'))
    const manifest = JSON.parse(readFileSync(join(cwd, 'out', 'simdinit.json'), 'utf8'))
    expect(manifest.copied).toEqual(
      wanted.map((name) => ({ name, bytes: `that is ${name}\n`.length, sha256: given[name] })),
    )
    for (const name of wanted) expect(written[name]).toBe(given[name])
  })

  it('has the copied files listed by --dry-run and the summary', async () => {
    const cwd = modelWith('tokenizer.json', 'vocab.txt')
    mkdirSync(join(cwd, 'model', 'merges.txt'))
    for (const flags of [['--dry-run'], []]) {
      const { stdout } = await runSimdinit(['init', 'model', ...flags], { cwd })
      expect(stdout).toContain('\n  copied: tokenizer.json, vocab.txt\n')
      expect(stdout).toContain(
        '\n  not copied (outside the folder, too large, or not a regular file): merges.txt\n',
      )
    }
    const { stdout } = await runSimdinit(['init', 'model', '--dry-run', '--json'], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({
      copied: ['tokenizer.json', 'vocab.txt'],
      leftOut: ['merges.txt'],
    })
  })

  it('has links followed within the folder, and never out of it', async () => {
    const cwd = modelWith('real.json')
    const secret = join(createTempFolder(), 'secret')
    writeFileSync(secret, 'secret')
    mkdirSync(join(cwd, 'model-b'))
    writeFileSync(join(cwd, 'model-b', 'vocab.json'), 'from a folder with the same prefix')
    const link = (name: string, to: string) => symlinkSync(to, join(cwd, 'model', name))
    link('tokenizer.json', 'real.json')
    link('vocab.txt', secret)
    link('vocab.json', '../model-b/vocab.json')
    link('merges.txt', '.')
    link('spiece.model', '/dev/zero')
    link('tokenizer.model', 'nothing')
    link('tekken.json', 'tekken.json')
    const { copied, leftOut } = await init(join(cwd, 'model'), { out: join(cwd, 'out') })
    expect(copied).toEqual(['tokenizer.json'])
    expect(leftOut).toEqual([
      'merges.txt',
      'spiece.model',
      'tekken.json',
      'tokenizer.model',
      'vocab.json',
      'vocab.txt',
    ])
    expect(readdirSync(join(cwd, 'out')).toSorted()).toEqual([...OURS, 'tokenizer.json'])
    expect(readFileSync(join(cwd, 'out', 'tokenizer.json'), 'utf8')).toBe('that is real.json\n')
  })

  it('fails the run if a file cannot be looked at or read, and is not another plan', async () => {
    const cwd = modelWith('tokenizer.json', 'vocab.json')
    await init(join(cwd, 'model'), { out: join(cwd, 'out') })
    const before = hashFiles(join(cwd, 'out'))
    const failure = Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'read' })
    const again = () => init(join(cwd, 'model'), { out: join(cwd, 'out'), force: true })
    const restore = replaceFunction('realpathSync', (original, ...args) => {
      if (String(args[0]).endsWith('vocab.json')) throw failure
      return original(...args)
    })
    await expect(again()).rejects.toBe(failure)
    restore()
    replaceFunction('read', (_, ...args) => (args.at(-1) as (error: Error) => void)(failure))
    await expect(again()).rejects.toBe(failure)
    expect(hashFiles(join(cwd, 'out'))).toEqual(before)
  })

  it.each(['the file', 'its folder'])(
    'fails the run if %s becomes a link after it is looked at',
    async (what) => {
      const cwd = modelWith()
      const secret = createTempFolder()
      const inner = join(cwd, 'model', 'inner')
      for (const folder of [secret, inner]) {
        mkdirSync(folder, { recursive: true })
        writeFileSync(join(folder, 'real.json'), `that is in ${folder}`)
      }
      symlinkSync('inner/real.json', join(cwd, 'model', 'tokenizer.json'))
      replaceFunction('openSync', (original, ...args) => {
        const path = String(args[0])
        if (path.endsWith('real.json')) {
          const [link, target] = what === 'the file' ? [path, join(secret, 'real.json')] : [inner, secret]
          rmSync(link, { recursive: true })
          symlinkSync(target, link)
        }
        return original(...args)
      })
      await expect(init(join(cwd, 'model'), { out: join(cwd, 'out') })).rejects.toThrow(
        'changed during the run',
      )
      expect(existsSync(join(cwd, 'out'))).toBe(false)
    },
  )

  it('has nothing copied if it is given as the path of its config.json', async () => {
    const cwd = modelWith('tokenizer.json')
    await init(join(cwd, 'model', 'config.json'), { out: join(cwd, 'out') })
    expect(readdirSync(join(cwd, 'out')).toSorted()).toEqual(OURS)
  })
})

describe('an output folder with copied files', () => {
  it('is left alone if it is complete, and completed if a copy is missing', async () => {
    const cwd = modelWith('tokenizer.json')
    const options = { out: join(cwd, 'out') }
    await init(join(cwd, 'model'), options)
    const whole = hashFiles(options.out)
    expect(await init(join(cwd, 'model'), options)).toMatchObject({ status: 'complete' })
    rmSync(join(options.out, 'tokenizer.json'))
    expect(await init(join(cwd, 'model'), options)).toMatchObject({ status: 'continued' })
    rmSync(join(options.out, 'simdinit.json'))
    expect(await init(join(cwd, 'model'), options)).toMatchObject({ status: 'continued' })
    expect(hashFiles(options.out)).toEqual(whole)
  })

  it('is refused if other files are to be copied, and replaced with --force', async () => {
    const cwd = modelWith('tokenizer.json', 'vocab.json')
    const out = join(cwd, 'out')
    await init(join(cwd, 'model'), { out })
    rmSync(join(cwd, 'model', 'vocab.json'))
    await expect(init(join(cwd, 'model'), { out })).rejects.toThrow(
      'contains a different checkpoint (different tokenizer files); use "force" to replace it',
    )
    await init(join(cwd, 'model'), { out, force: true })
    expect(readdirSync(out).toSorted()).toEqual([...OURS, 'tokenizer.json'])
    rmSync(join(out, 'simdinit.json'))
    writeFileSync(join(cwd, 'model', 'tokenizer.json'), 'another')
    await expect(init(join(cwd, 'model'), { out })).rejects.toThrow(
      'contains a different tokenizer.json; use "force"',
    )
  })

  it('may be the folder of the model itself, whose copied files --force keeps', async () => {
    const cwd = modelWith('tokenizer.json', 'vocab.json')
    const out = join(cwd, 'model')
    await expect(init(out, { out })).rejects.toThrow('contains a different config.json')
    for (const seed of [1, 2]) {
      await init(out, { out, seed, force: true })
      expect(readFileSync(join(out, 'tokenizer.json'), 'utf8')).toBe('that is tokenizer.json\n')
      expect(readdirSync(out).toSorted()).toEqual([...OURS, 'tokenizer.json', 'vocab.json'].toSorted())
    }
  })

  it('is verified including the copies', async () => {
    const cwd = modelWith('tokenizer.json', 'vocab.json')
    const out = join(cwd, 'out')
    await init(join(cwd, 'model'), { out })
    expect((await verify(out)).differences).toEqual([])
    writeFileSync(join(out, 'tokenizer.json'), 'that is tokenizer_json\n')
    rmSync(join(out, 'vocab.json'))
    expect((await verify(out)).differences).toEqual([
      { file: 'tokenizer.json', reason: 'differs from the file that was copied' },
      { file: 'vocab.json', reason: expect.any(String) },
    ])
  })

  it('is the same if several ranks write it', async () => {
    const cwd = modelWith('tokenizer.json')
    const options = { maxShardSize: '4KB' }
    await init(join(cwd, 'model'), { ...options, out: join(cwd, 'one') })
    for (const rank of [2, 0, 1]) {
      await init(join(cwd, 'model'), { ...options, out: join(cwd, 'three'), rank, worldSize: 3 })
    }
    expect(hashFiles(join(cwd, 'three'))).toEqual(hashFiles(join(cwd, 'one')))
  })
})
