/** `init` and `verify` on real files, by the built command and as functions. */

import { createHash } from 'node:crypto'
import fs, {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { init, verify } from '../../src/node/index.ts'
import { createTempFolder, CLI_PATH, runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { itSlow, pickByTier } from '../support/tier.ts'

const FILES = ['config.json', 'model.safetensors', 'simdinit.json']

/** A model that takes a moment to write: 30 MB. */
const SMALL = { ...TINY_CONFIG, vocab_size: 20_000, n_embd: 256, n_head: 4, n_layer: 3 }

function modelIn(folder: string, config: object = TINY_CONFIG): string {
  mkdirSync(join(folder, 'model'))
  writeFileSync(join(folder, 'model', 'config.json'), JSON.stringify(config))
  return folder
}

const digest = (...path: string[]) =>
  createHash('sha256')
    .update(readFileSync(join(...path)))
    .digest('hex')

/** Changes one byte. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] ^= 1
  writeFileSync(path, bytes)
}

describe('init', () => {
  it('writes the checkpoint, the config and the manifest, and nothing else', async () => {
    const cwd = modelIn(createTempFolder())
    const { code, stdout, stderr } = await runSimdinit(['init', 'model'], { cwd })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('GPT2LMHeadModel: 2 layers, 28 tensors')
    expect(stdout).toMatch(
      /transformer\.h\.\*\.attn\.c_proj\.weight +2 +residualNormal\(\{ std: 0\.02, layers: 2 \}\) +0\.01 /,
    )
    expect(readdirSync(join(cwd, 'model-init')).toSorted()).toEqual(FILES)
    const manifest = JSON.parse(readFileSync(join(cwd, 'model-init', 'simdinit.json'), 'utf8'))
    expect(manifest).toMatchObject({ format: 1, streamVersion: 1, seed: '0', recipe: 'hf' })
    expect(manifest.configDigest).toBe(digest(cwd, 'model-init', 'config.json'))
    expect(manifest.files).toEqual([
      {
        name: 'model.safetensors',
        bytes: statSync(join(cwd, 'model-init', 'model.safetensors')).size,
        sha256: digest(cwd, 'model-init', 'model.safetensors'),
      },
    ])
    expect(JSON.parse(readFileSync(join(cwd, 'model-init', 'config.json'), 'utf8'))).toEqual({
      ...TINY_CONFIG,
      dtype: 'float32',
    })
  })

  it('writes the same bytes with any engine, chunk size and thread count', async () => {
    const folder = modelIn(createTempFolder())
    const runs = [
      { backend: 'wasm' },
      { backend: 'js' },
      { backend: 'wasm', chunkBytes: 8 },
      { backend: 'js', chunkBytes: 1000 },
      { backend: 'auto', chunkBytes: 2 ** 23, threads: 2 },
    ] as const
    const digests = new Set<string>()
    for (const [i, run] of runs.entries()) {
      const out = join(folder, `out${i}`)
      await init(join(folder, 'model'), { out, seed: 42, ...run })
      digests.add(FILES.map((file) => digest(out, file)).join(' '))
    }
    expect(digests.size).toBe(1)
  })

  it('writes different bytes for another seed, and the same for a number and its text', async () => {
    const folder = modelIn(createTempFolder())
    const file = async (out: string, seed: number | string | bigint) => {
      await init(join(folder, 'model'), { out: join(folder, out), seed })
      return digest(folder, out, 'model.safetensors')
    }
    expect(await file('a', 42)).toBe(await file('b', '42'))
    expect(await file('c', 42n)).toBe(await file('d', 42))
    expect(await file('e', 43)).not.toBe(await file('f', 42))
  })

  it('prints the result as JSON', async () => {
    const { code, stdout } = await runSimdinit(['init', 'model', '--json', '--dtype', 'bfloat16'], {
      cwd: modelIn(createTempFolder()),
    })
    expect(code).toBe(0)
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({
      status: 'written',
      out: 'model-init',
      dtype: 'bf16',
      parameters: 2696,
      bytes: 5392,
    })
    expect(result.kinds).toContainEqual(
      expect.objectContaining({ pattern: 'transformer.h.*.ln_1.weight', measuredMean: 1, measuredStd: 0 }),
    )
  })

  itSlow('reports the start and progress as JSON lines on stderr', async () => {
    const cwd = modelIn(createTempFolder(), SMALL)
    const { code, stdout, stderr } = await runSimdinit(['init', 'model', '--json'], { cwd })
    expect(code).toBe(0)
    const [first, ...rest] = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { bytes } = JSON.parse(stdout).files[0]
    expect(first).toEqual({
      event: 'start',
      command: 'init',
      files: 1,
      bytes,
      free: expect.any(Number),
    })
    for (const line of rest) {
      expect(line).toMatchObject({ event: 'progress', command: 'init', total: bytes })
      expect(line.done <= bytes).toBe(true)
    }
    expect(await runSimdinit(['init', 'model', '--json', '--quiet', '--out', 'b'], { cwd })).toMatchObject({
      stderr: '',
    })
  })

  it('prints what it writes on a terminal', async () => {
    const cwd = modelIn(createTempFolder())
    const line = `"${process.execPath}" "${CLI_PATH}" init model`
    const shown = execFileSync('script', ['-qec', line, '/dev/null'], { cwd, encoding: 'utf8' })
    expect(shown).toMatch(/^writing 1 file, 0 MB \(\d+ MB free\)\r\n/)
  })

  it('exits with 0 if the reader of its output stops early', async () => {
    const cwd = modelIn(createTempFolder())
    const prefix = ['bash', '-c', 'set -o pipefail; "$@" | head -n 1', 'bash']
    const outcome = await runSimdinit(['init', 'gpt2-xl', '--dry-run'], { cwd, prefix })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
  })

  it('prints nothing with --quiet', async () => {
    const outcome = await runSimdinit(['init', 'model', '--quiet'], { cwd: modelIn(createTempFolder()) })
    expect(outcome).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  itSlow('reads a custom recipe from a file, and stores it in the manifest', async () => {
    const cwd = modelIn(createTempFolder())
    const recipe = { format: 1, rules: [{ match: '**', strategy: { type: 'constant', value: 0.5 } }] }
    writeFileSync(join(cwd, 'half.json'), JSON.stringify(recipe))
    expect(await runSimdinit(['init', 'model', '--recipe', 'half.json', '--quiet'], { cwd })).toMatchObject({
      code: 0,
    })
    expect(JSON.parse(readFileSync(join(cwd, 'model-init', 'simdinit.json'), 'utf8')).recipe).toEqual(recipe)
    expect(await runSimdinit(['verify', 'model-init', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  })
})

describe('--dry-run', () => {
  it('prints every tensor and writes nothing', async () => {
    const cwd = modelIn(createTempFolder())
    const { code, stdout } = await runSimdinit(['init', 'model', '--dry-run', '--json'], { cwd })
    expect(code).toBe(0)
    expect(readdirSync(cwd)).toEqual(['model'])
    const plan = JSON.parse(stdout)
    expect(plan).toMatchObject({ parameters: 2696, bytes: 10784 })
    expect(plan.peakMemory).toBeLessThan(4e8)
    expect(plan.tensors).toHaveLength(28)
    expect(plan.tensors[1]).toEqual({
      name: 'transformer.h.0.attn.c_attn.weight',
      shape: [8, 24],
      dtype: 'f32',
      strategy: { type: 'normal', mean: 0, std: 0.02 },
      distribution: { type: 'normal', mean: 0, std: 0.02 },
      std: 0.02,
      fanIn: 8,
      fanOut: 24,
      file: 'model.safetensors',
      bytes: 768,
    })
    expect((await runSimdinit(['init', 'model', '--dry-run'], { cwd })).stdout).toContain(
      'nothing was written',
    )
  })
})

describe('an existing output folder', () => {
  const out = (cwd: string) => join(cwd, 'model-init')
  const finished = async () => {
    const cwd = modelIn(createTempFolder())
    await init(join(cwd, 'model'), { out: out(cwd) })
    return cwd
  }

  it('is left alone if it contains the complete checkpoint', async () => {
    const cwd = await finished()
    const before = FILES.map((file) => [
      statSync(join(out(cwd), file)).ino,
      statSync(join(out(cwd), file)).mtimeMs,
    ])
    const { code, stdout } = await runSimdinit(['init', 'model'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('nothing to do')
    const after = FILES.map((file) => [
      statSync(join(out(cwd), file)).ino,
      statSync(join(out(cwd), file)).mtimeMs,
    ])
    expect(after).toEqual(before)
  })

  it.each(pickByTier(1, FILES))('is completed if %s is missing', async (file) => {
    const cwd = await finished()
    const expected = FILES.map((name) => digest(out(cwd), name))
    rmSync(join(out(cwd), file))
    const { code, stdout } = await runSimdinit(['init', 'model', '--resume'], { cwd })
    expect(code).toBe(0)
    expect(stdout).not.toContain('nothing to do')
    expect(FILES.map((name) => digest(out(cwd), name))).toEqual(expected)
  })

  it.each(pickByTier(1, ['with', 'without']))(
    'is refused if its weights of the same size differ, %s a manifest',
    async (manifest) => {
      const cwd = await finished()
      if (manifest === 'without') rmSync(join(out(cwd), 'simdinit.json'))
      const expected = digest(out(cwd), 'model.safetensors')
      flip(join(out(cwd), 'model.safetensors'), 5000)
      const trained = digest(out(cwd), 'model.safetensors')
      expect(await runSimdinit(['init', 'model'], { cwd })).toMatchObject({
        code: 2,
        stderr:
          'simdinit: model-init contains a model.safetensors with different bytes; use --force to replace it\n',
      })
      expect(digest(out(cwd), 'model.safetensors')).toBe(trained)
      expect(await runSimdinit(['init', 'model', '--force'], { cwd })).toMatchObject({ code: 0 })
      expect(digest(out(cwd), 'model.safetensors')).toBe(expected)
    },
  )

  it('is refused if its config.json differs', async () => {
    const cwd = await finished()
    writeFileSync(join(out(cwd), 'config.json'), '{"mine": 1}')
    expect((await runSimdinit(['init', 'model'], { cwd })).stderr).toContain(
      'contains a different config.json',
    )
    expect(readFileSync(join(out(cwd), 'config.json'), 'utf8')).toBe('{"mine": 1}')
  })

  itSlow('is not touched by --force if the new checkpoint does not fit', async () => {
    const cwd = await finished()
    const before = FILES.map((name) => digest(out(cwd), name))
    mkdirSync(join(cwd, 'big'))
    writeFileSync(
      join(cwd, 'big', 'config.json'),
      JSON.stringify({ ...TINY_CONFIG, vocab_size: 2 ** 24, n_embd: 2 ** 20 }),
    )
    const { code, stderr } = await runSimdinit(['init', 'big', '--out', 'model-init', '--force'], { cwd })
    expect(stderr).toMatch(/^simdinit: model-init needs \d+ bytes, but only \d+ are free on its disk\n$/)
    expect(code).toBe(2)
    expect(FILES.map((name) => digest(out(cwd), name))).toEqual(before)
  })

  itSlow('is refused even with --force if a folder has the name of a file', async () => {
    const cwd = modelIn(createTempFolder())
    mkdirSync(join(out(cwd), 'config.json'), { recursive: true })
    const { code, stderr } = await runSimdinit(['init', 'model', '--force'], { cwd })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'simdinit: model-init/config.json is a folder, and --force removes only files\n',
    })
    expect(readdirSync(out(cwd))).toEqual(['config.json'])
  })

  itSlow('is replaced with --force without following a link', async () => {
    const cwd = modelIn(createTempFolder())
    mkdirSync(out(cwd))
    writeFileSync(join(cwd, 'precious'), 'precious')
    symlinkSync(join(cwd, 'precious'), join(out(cwd), 'model.safetensors'))
    expect(await runSimdinit(['init', 'model'], { cwd })).toMatchObject({ code: 2 })
    expect(await runSimdinit(['init', 'model', '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'precious'), 'utf8')).toBe('precious')
  })

  it('is refused if it contains a different checkpoint, and replaced with --force', async () => {
    const cwd = await finished()
    const before = digest(out(cwd), 'model.safetensors')
    const refused = await runSimdinit(['init', 'model', '--seed', '1'], { cwd })
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'simdinit: model-init contains a different checkpoint (seed "0", not "1"); use --force to replace it\n',
    })
    expect(digest(out(cwd), 'model.safetensors')).toBe(before)
    expect(await runSimdinit(['init', 'model', '--seed', '1', '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(digest(out(cwd), 'model.safetensors')).not.toBe(before)
    expect(await runSimdinit(['verify', 'model-init'], { cwd })).toMatchObject({ code: 0 })
  })

  itSlow('is refused if it contains other files, which --force leaves in place', async () => {
    const cwd = modelIn(createTempFolder())
    mkdirSync(out(cwd))
    writeFileSync(join(out(cwd), 'thesis.txt'), 'the only copy')
    const refused = await runSimdinit(['init', 'model'], { cwd })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toBe(
      'simdinit: model-init contains other files (thesis.txt); use --force to write there anyway\n',
    )
    expect(readdirSync(out(cwd))).toEqual(['thesis.txt'])
    expect(await runSimdinit(['init', 'model', '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(readFileSync(join(out(cwd), 'thesis.txt'), 'utf8')).toBe('the only copy')
    expect(readdirSync(out(cwd)).toSorted()).toEqual([...FILES, 'thesis.txt'])
  })

  it('is replaced with --force if pipes and devices have the names of its files', async () => {
    const cwd = modelIn(createTempFolder())
    mkdirSync(out(cwd))
    const pipes = ['simdinit.json', 'model.safetensors', '.model.safetensors.00000000.sha256']
    execFileSync('mkfifo', pipes, { cwd: out(cwd) })
    for (const name of ['model.safetensors.index.json', 'config.json']) {
      symlinkSync('/dev/zero', join(out(cwd), name))
    }
    const prefix = ['timeout', '30']
    expect(await runSimdinit(['init', 'model', '--force'], { cwd, prefix })).toMatchObject({ code: 0 })
    expect(readdirSync(out(cwd)).toSorted()).toEqual(FILES)
    expect(await runSimdinit(['verify', 'model-init'], { cwd })).toMatchObject({ code: 0 })
  })

  itSlow.each([
    ['removes the shards that an index names', 'model-00001-of-00001.safetensors', FILES],
    [
      'ignores an index that names a file outside the folder',
      '../precious',
      ['model-00001-of-00001.safetensors', ...FILES],
    ],
  ])('--force %s', async (_, second, left) => {
    const cwd = modelIn(createTempFolder())
    mkdirSync(out(cwd))
    writeFileSync(join(cwd, 'precious'), 'precious')
    writeFileSync(join(out(cwd), 'model-00001-of-00001.safetensors'), 'old')
    const index = { metadata: {}, weight_map: { a: 'model-00001-of-00001.safetensors', b: second } }
    writeFileSync(join(out(cwd), 'model.safetensors.index.json'), JSON.stringify(index))
    expect(await runSimdinit(['init', 'model', '--force'], { cwd })).toMatchObject({ code: 0 })
    expect(readdirSync(out(cwd)).toSorted()).toEqual(left.toSorted())
    expect(readFileSync(join(cwd, 'precious'), 'utf8')).toBe('precious')
  })
})

describe('an interrupted or failed run', () => {
  const big = () => modelIn(createTempFolder(), SMALL)

  /** A run that is stopped before 17 of the 30 MB are written; it is restarted if it was further. */
  const stoppedAtWork = async (cwd: string, ...flags: string[]) => {
    const out = join(cwd, 'model-init')
    const written = () => {
      const name = existsSync(out) ? readdirSync(out).find((name) => name.startsWith('.model')) : undefined
      return name === undefined ? undefined : statSync(join(out, name), { throwIfNoEntry: false })?.size
    }
    for (;;) {
      const child = spawn(process.execPath, [CLI_PATH, 'init', 'model', ...flags], { cwd, stdio: 'ignore' })
      const ended = new Promise((settle) => child.on('close', (code, signal) => settle(code ?? signal)))
      while (child.exitCode === null && written() === undefined) await sleep(1)
      child.kill('SIGSTOP')
      const bytes = written()
      if (bytes !== undefined && bytes < 2 ** 24) return { child, ended }
      child.kill('SIGCONT')
      expect(await ended).toBe(0)
      rmSync(out, { recursive: true })
    }
  }

  itSlow(
    'leaves no file under its final name when it is killed, and is continued by the next run',
    async () => {
      const cwd = big()
      const out = join(cwd, 'model-init')
      const { child, ended } = await stoppedAtWork(cwd)
      child.kill('SIGKILL')
      expect(await ended).toBe('SIGKILL')
      for (const name of readdirSync(out)) expect(name).toMatch(/^\..*\.tmp$/)
      expect(await runSimdinit(['init', 'model'], { cwd })).toMatchObject({ code: 0 })
      expect(readdirSync(out).toSorted()).toEqual(FILES)
      expect(await runSimdinit(['verify', 'model-init'], { cwd })).toMatchObject({ code: 0 })
    },
  )

  it('cleans up and exits with 130 on SIGINT', async () => {
    const cwd = big()
    const out = join(cwd, 'model-init')
    const { child, ended } = await stoppedAtWork(cwd)
    child.kill('SIGINT')
    child.kill('SIGCONT')
    expect(await ended).toBe(130)
    expect(existsSync(out)).toBe(false)
  })

  it.each(
    pickByTier(1, [
      ['SIGTERM', 'SIGINT'],
      ['SIGTERM', 'SIGTERM'],
      ['SIGINT', 'SIGINT'],
    ] as const),
  )('ends at once on a second signal: %s, then %s', async (first, second) => {
    const cwd = modelIn(createTempFolder())
    // blocks for a moment, in which both signals arrive, and never renames
    const hook = `import fs from 'node:fs'
      import promises from 'node:fs/promises'
      import { syncBuiltinESMExports } from 'node:module'
      promises.rename = () => {
        fs.writeSync(2, 'hangs')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
        return new Promise(() => setInterval(() => {}, 1000))
      }
      syncBuiltinESMExports()`
    const args = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, CLI_PATH, 'init', 'model']
    const child = spawn(process.execPath, [...args, '--quiet'], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    await new Promise((settle) => child.stderr.once('data', settle))
    child.kill(first)
    await sleep(100)
    child.kill(second)
    const end = new Promise((settle) => child.on('close', (_, signal) => settle(signal)))
    expect([first, second]).toContain(await end)
  })

  it('succeeds if the checkpoint is whole and its claim cannot be removed', async () => {
    const cwd = modelIn(createTempFolder())
    const out = join(cwd, 'out')
    const { rmSync } = fs
    onTestFinished(() => {
      Object.assign(fs, { rmSync })
      syncBuiltinESMExports()
    })
    const failing = (path: string, options: object) => {
      if (path.endsWith('.tmp')) throw Object.assign(new Error('busy'), { code: 'EBUSY', syscall: 'rm' })
      rmSync(path, options)
    }
    Object.assign(fs, { rmSync: failing })
    syncBuiltinESMExports()
    expect(await init(join(cwd, 'model'), { out })).toMatchObject({ status: 'written' })
    Object.assign(fs, { rmSync })
    syncBuiltinESMExports()
    expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toHaveLength(1)
    expect(await init(join(cwd, 'model'), { out })).toMatchObject({ status: 'complete' })
    expect(readdirSync(out).toSorted()).toEqual(FILES)
  })

  it('exits with 1 and leaves nothing when a write fails', async () => {
    const cwd = big()
    // a file may not grow beyond 8 MiB: a write is cut short, and the next one fails
    const prefix = ['bash', '-c', 'trap "" XFSZ; ulimit -f 8192; exec "$@"', 'bash']
    const { code, stderr, stdout } = await runSimdinit(['init', 'model'], { cwd, prefix })
    expect(stderr).toBe('simdinit: model-init/model.safetensors: the file exceeds the size limit\n')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(readdirSync(cwd)).toEqual(['model'])
  })

  itSlow('keeps runs of another plan out while it is active', async () => {
    const cwd = big()
    const out = join(cwd, 'model-init')
    const { child, ended } = await stoppedAtWork(cwd, '--seed', '1')
    const other = await runSimdinit(['init', 'model', '--seed', '2'], { cwd })
    expect(other.stderr).toContain('another run is writing a different checkpoint to model-init')
    expect(other.code).toBe(2)

    const old = {
      'old.safetensors': 'old',
      'model.safetensors.index.json': '{"weight_map":{"a":"old.safetensors"}}',
    }
    for (const [name, text] of Object.entries(old)) writeFileSync(join(out, name), text)
    expect(await runSimdinit(['init', 'model', '--seed', '2', '--force'], { cwd })).toMatchObject({ code: 2 })
    for (const name of Object.keys(old)) {
      expect(existsSync(join(out, name))).toBe(true) // nothing is removed for a run that is refused
      rmSync(join(out, name))
    }

    const same = await runSimdinit(['init', 'model', '--seed', '1'], { cwd })
    expect(same.code).toBe(0)
    child.kill('SIGCONT')
    expect(await ended).toBe(0)
    expect(readdirSync(out).toSorted()).toEqual(FILES)
    expect(await runSimdinit(['verify', 'model-init'], { cwd })).toMatchObject({ code: 0 })
  })

  it('may run twice at once in one process with the same plan', async () => {
    const folder = big()
    const out = join(folder, 'out')
    await Promise.all([init(join(folder, 'model'), { out }), init(join(folder, 'model'), { out })])
    expect(readdirSync(out).toSorted()).toEqual(FILES)
    expect((await verify(out)).differences).toEqual([])
  })

  it('stops within a chunk when its signal is aborted', async () => {
    const folder = big()
    const stop = new AbortController()
    const run = init(join(folder, 'model'), {
      out: join(folder, 'out'),
      chunkBytes: 2 ** 16,
      signal: stop.signal,
      onProgress: ({ done }) => done > 2 ** 20 && stop.abort(new Error('enough')),
    })
    await expect(run).rejects.toThrow('enough')
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })
})

describe('verify', () => {
  const finished = async (config: object = TINY_CONFIG) => {
    const folder = modelIn(createTempFolder(), config)
    await init(join(folder, 'model'), { out: join(folder, 'out'), seed: 'a seed' })
    return join(folder, 'out')
  }
  const copy = (from: string) => {
    const to = createTempFolder()
    for (const name of FILES) copyFileSync(join(from, name), join(to, name))
    return to
  }

  it('accepts what init wrote, with either engine, and in a copy of the folder', async () => {
    const out = copy(await finished())
    for (const backend of ['wasm', 'js'] as const) {
      expect(await verify(out, { backend })).toMatchObject({ differences: [], tensors: 28 })
    }
    expect(await verify(out, { sample: 20 })).toMatchObject({ differences: [] })
  })

  itSlow(
    'names the tensor and the element that differ, for the first and last bit of every tensor',
    async () => {
      const out = await finished()
      const path = join(out, 'model.safetensors')
      const length = Number(readFileSync(path).readBigUInt64LE(0))
      const header = JSON.parse(
        readFileSync(path)
          .subarray(8, 8 + length)
          .toString(),
      )
      delete header.__metadata__
      for (const [name, { data_offsets }] of Object.entries<{ data_offsets: number[] }>(header)) {
        const [begin, end] = data_offsets
        for (const at of [begin, end - 1]) {
          flip(path, 8 + length + at)
          expect((await verify(out)).differences).toEqual([
            {
              file: 'model.safetensors',
              tensor: name,
              element: Math.floor((at - begin) / 4),
              reason: expect.stringContaining(name),
            },
          ])
          flip(path, 8 + length + at)
        }
      }
      const outcome = await runSimdinit(['verify', out])
      expect(outcome.code).toBe(0)
      flip(path, 8 + length)
      expect(await runSimdinit(['verify', out])).toMatchObject({
        code: 1,
        stdout: `${out}/model.safetensors: transformer.h.0.attn.c_attn.bias differs starting at element 0\n`,
      })
    },
  )

  it('reports a truncated file, a missing one, a wrong header and a changed config', async () => {
    const out = await finished()
    const [a, b, c, d] = [copy(out), copy(out), copy(out), copy(out)]
    truncateSync(join(a, 'model.safetensors'), 9000)
    rmSync(join(b, 'model.safetensors'))
    flip(join(c, 'model.safetensors'), 20)
    writeFileSync(join(d, 'config.json'), '{}')
    const reason = async (folder: string) =>
      (await verify(folder)).differences.map((x) => `${x.file}: ${x.reason}`)
    expect(await reason(a)).toEqual([
      expect.stringMatching(/^model.safetensors: size is 9000 bytes, expected \d+$/),
    ])
    expect(await reason(b)).toEqual(['model.safetensors: missing'])
    expect(await reason(c)).toEqual(['model.safetensors: header differs from the plan'])
    expect(await reason(d)).toEqual(['config.json: differs from the config the weights were generated from'])
  })

  it('reports a wrong digest in the manifest', async () => {
    const out = await finished()
    const manifest = readFileSync(join(out, 'simdinit.json'), 'utf8')
    writeFileSync(join(out, 'simdinit.json'), manifest.replace(/"sha256":"../, '"sha256":"zz'))
    expect((await verify(out)).differences.map(({ reason }) => reason)).toEqual([
      'bytes are correct, but the SHA-256 in the manifest is not',
    ])
  })

  it('finds a large difference with a small sample', async () => {
    const out = await finished()
    const bytes = readFileSync(join(out, 'model.safetensors'))
    bytes.fill(1, 4096)
    writeFileSync(join(out, 'model.safetensors'), bytes)
    expect((await verify(out, { sample: 10 })).differences).toHaveLength(1)
  })

  it.each<[string, (manifest: Record<string, any>) => void, string]>(
    pickByTier(2, [
      [
        'of another stream version',
        (m) => (m.streamVersion = 2),
        'simdinit.json: its stream version is 2, but this package implements only version 1',
      ],
      [
        'that names a file outside the folder',
        (m) => (m.files[0].name = '../model.safetensors'),
        'simdinit.json: "file" must be a file name without a path; received "../model.safetensors"',
      ],
      [
        'that names a copied file outside the folder',
        (m) => (m.copied = [{ name: '../vocab.json', bytes: 1, sha256: '' }]),
        'simdinit.json: "file" must be a file name without a path; received "../vocab.json"',
      ],
      [
        'with a strategy changed',
        (m) => (m.tensors[1].strategy.std = 0.03),
        'simdinit.json: the distribution of transformer.h.0.attn.c_attn.weight does not follow from its strategy',
      ],
      [
        'with an unknown field',
        (m) => (m.host = 'me'),
        'simdinit.json: "manifest" has no field "host"; its fields are format, streamVersion, seed, package, recipe, configDigest, tensors, files, copied',
      ],
      [
        'with a shape changed',
        (m) => (m.tensors[1].shape = [8, 25]),
        'simdinit.json: the size of model.safetensors is not the size of its tensors',
      ],
    ]),
  )('refuses a manifest %s', async (_, change, sentence) => {
    const out = await finished()
    const manifest = JSON.parse(readFileSync(join(out, 'simdinit.json'), 'utf8'))
    change(manifest)
    writeFileSync(join(out, 'simdinit.json'), JSON.stringify(manifest))
    expect(await runSimdinit(['verify', out])).toMatchObject({ code: 2, stderr: `simdinit: ${sentence}\n` })
  })

  it('refuses a folder without a manifest', async () => {
    const folder = createTempFolder()
    expect(await runSimdinit(['verify', folder])).toMatchObject({
      code: 2,
      stderr: `simdinit: ${folder} contains no simdinit.json\n`,
    })
  })
})
