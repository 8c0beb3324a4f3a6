/** Full and failing disks, folders and outputs that cannot be written, and other environments. */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { init } from '../../src/node/index.ts'
import { CLI_PATH, runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { hashFiles, createModelFolder } from '../support/folders.ts'
import { isSlowTier, itSlow, pickByTier } from '../support/tier.ts'

const HOOK = resolve('test/support/kill-at.mjs')
const MAX = '4KB'

const mayMount =
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', '/mnt']).status === 0
if (!mayMount) console.warn('skipping the tests of small disks: mounting is not allowed here')

describe.skipIf(!mayMount)('a small disk', () => {
  const onDisk = (cwd: string, kilobytes: number, script: string) => {
    mkdirSync(join(cwd, 'disk'))
    const lines = [`mount -t tmpfs -o size=${kilobytes}k none disk`, script]
    const env = { ...process.env, NODE: process.execPath, MAIN: CLI_PATH, HOOK, MAX }
    return spawnSync('unshare', ['-m', 'bash', '-c', lines.join('\n')], { cwd, env, encoding: 'utf8' })
  }
  const run = '"$NODE" "$MAIN" init model --out disk/out --max-shard-size $MAX --quiet'

  it('is refused before anything is written if the checkpoint does not fit', () => {
    const { stderr } = onDisk(createModelFolder(), 12, `${run}; echo $? >&2`)
    expect(stderr).toMatch(/^simdinit: disk\/out needs \d+ bytes, but only \d+ are free on its disk\n2\n$/)
  })

  it('fails the run if it fills up meanwhile, and the run continues when there is space', async () => {
    const cwd = createModelFolder()
    const script = `
KILL_AT=14 KILL_WITH=SIGSTOP "$NODE" --import "$HOOK" "$MAIN" init model --out disk/out --max-shard-size $MAX --quiet &
until grep -q '^State:.T' /proc/$!/status; do sleep 0.01; done
cat /dev/zero > disk/filler 2>/dev/null
kill -CONT $!; wait $!; echo $? >&2
ls -A disk/out >&2
rm disk/filler
${run}; echo $? >&2
cp -a disk/out out`
    const { stderr } = onDisk(cwd, 64, script)
    expect(stderr).toMatch(/^simdinit: disk\/out\/\S+: the disk is full\n1\n/)
    expect(stderr).not.toContain('.tmp')
    expect(stderr).toMatch(/\n0\n$/)
    const whole = createModelFolder()
    await init(join(whole, 'model'), { out: join(whole, 'out'), maxShardSize: MAX })
    expect(hashFiles(join(cwd, 'out'))).toEqual(hashFiles(join(whole, 'out')))
  })

  itSlow('keeps the previous report if there is no space for a new one', async () => {
    const cwd = createModelFolder()
    await init(join(cwd, 'model'), { out: join(cwd, 'out') })
    const script = `
echo before > disk/report.html
cat /dev/zero > disk/filler 2>/dev/null
"$NODE" "$MAIN" inspect out --html disk/report.html --quiet; echo $?
ls -A disk; cat disk/report.html`
    const { stdout, stderr } = onDisk(cwd, 64, script)
    expect({ stdout, stderr }).toEqual({
      stdout: '1\nfiller\nreport.html\nbefore\n',
      stderr: 'simdinit: disk/report.html: the disk is full\n',
    })
  })
})

describe('a folder that cannot be written', () => {
  const root = process.getuid?.() === 0
  // root may write everywhere unless it drops the capabilities for it
  const prefix = root ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : []
  const [command, ...rest] = [...prefix, 'true']
  const mayForbid = spawnSync(command, rest).status === 0

  it.skipIf(!mayForbid)('is refused, and left as it was', async () => {
    const cwd = createModelFolder()
    chmodSync(cwd, 0o755)
    for (const folder of ['out', 'above']) mkdirSync(join(cwd, folder), { mode: 0o555 })
    for (const out of ['out', 'above/out']) {
      expect(await runSimdinit(['init', 'model', '--out', out, '--quiet'], { cwd, prefix })).toEqual({
        code: 2,
        signal: null,
        stdout: '',
        stderr: `simdinit: ${out} cannot be written: permission denied\n`,
      })
    }
    expect([...readdirSync(join(cwd, 'out')), ...readdirSync(join(cwd, 'above'))]).toEqual([])
  })

  it.runIf(mayForbid && isSlowTier)(
    'is accepted and can be verified if the checkpoint is complete',
    async () => {
      const cwd = createModelFolder()
      chmodSync(cwd, 0o755)
      await init(join(cwd, 'model'), { out: join(cwd, 'out') })
      chmodSync(join(cwd, 'out'), 0o555)
      const before = hashFiles(join(cwd, 'out'))
      const again = await runSimdinit(['init', 'model', '--out', 'out'], { cwd, prefix })
      expect(again).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('nothing to do') })
      expect(await runSimdinit(['verify', 'out'], { cwd, prefix })).toMatchObject({ code: 0, stderr: '' })
      chmodSync(join(cwd, 'out'), 0o755)
      rmSync(join(cwd, 'out', 'simdinit.json'))
      chmodSync(join(cwd, 'out'), 0o555)
      expect(await runSimdinit(['init', 'model', '--out', 'out'], { cwd, prefix })).toMatchObject({
        code: 2,
        stderr: 'simdinit: out cannot be written: permission denied\n',
      })
      const { 'simdinit.json': _, ...rest } = before
      expect(hashFiles(join(cwd, 'out'))).toEqual(rest)
    },
  )

  it.runIf(mayMount && isSlowTier)('is refused on a read-only file system, even to root', () => {
    const cwd = createModelFolder()
    mkdirSync(join(cwd, 'disk'))
    const script = `
mount -t tmpfs -o size=1m none disk && mkdir disk/out && mount -o remount,ro disk
"$NODE" "$MAIN" init model --out disk/out --quiet; echo $?
ls -A disk/out`
    const env = { ...process.env, NODE: process.execPath, MAIN: CLI_PATH }
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'bash', '-c', script], {
      cwd,
      env,
      encoding: 'utf8',
    })
    expect({ stdout, stderr }).toEqual({
      stdout: '2\n',
      stderr: 'simdinit: disk/out cannot be written: the file system is read-only\n',
    })
  })
})

describe('short writes', () => {
  it('are continued', async () => {
    const cwd = createModelFolder()
    const prefix = ['env', `NODE_OPTIONS=--import=${resolve('test/support/short-writes.mjs')}`]
    expect(await runSimdinit(['init', 'model', '--out', 'out', '--quiet'], { cwd, prefix })).toMatchObject({
      code: 0,
      stderr: '',
    })
    await init(join(cwd, 'model'), { out: join(cwd, 'whole') })
    expect(hashFiles(join(cwd, 'out'))).toEqual(hashFiles(join(cwd, 'whole')))
  })
})

describe('a disk that reports an error while a file is synced', () => {
  itSlow('fails the run, which leaves no file', async () => {
    const cwd = createModelFolder({ ...TINY_CONFIG, n_embd: 512, vocab_size: 20_000 }) // 40 MB of tokens
    const prefix = ['env', `NODE_OPTIONS=--import=${resolve('test/support/failing-sync.mjs')}`]
    expect(await runSimdinit(['init', 'model', '--out', 'out', '--quiet'], { cwd, prefix })).toMatchObject({
      code: 1,
      stderr: 'simdinit: out/model.safetensors: input/output error\n',
    })
    expect(readdirSync(cwd).toSorted()).toEqual(['model'])
    await init(join(cwd, 'model'), { out: join(cwd, 'out') })
    expect(await runSimdinit(['verify', 'out', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  })
})

describe('a disk that fails while a file is read', () => {
  const hook = resolve('test/support/failing-read.mjs')
  const failing = (file: string, kind = 'EIO') => [
    'env',
    `NODE_OPTIONS=--import=${hook}`,
    `FAIL_FILE=${file}`,
    `FAIL_WITH=${kind}`,
  ]

  it.each(
    pickByTier(2, [
      ['inspect', 'out/config.json'],
      ['verify', 'out/model-00001-of-00003.safetensors'],
      ['inspect', 'out/model-00002-of-00003.safetensors'],
      ['inspect', 'out/model.safetensors.index.json'],
      ['verify', 'out/model.safetensors.index.json'],
      ['verify', 'out/config.json'],
      ['verify', 'out/simdinit.json'],
      ['init', 'model/config.json'],
    ]),
  )('makes %s fail and is never a finding: %s', async (command, file) => {
    const cwd = createModelFolder()
    await init(join(cwd, 'model'), { out: join(cwd, 'out'), maxShardSize: MAX })
    const args = [command, command === 'init' ? 'model' : 'out']
    expect(await runSimdinit(args, { cwd, prefix: failing(file) })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `simdinit: ${file}: input/output error\n`,
    })
    expect(await runSimdinit(args, { cwd, prefix: failing(file, 'eof') })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `simdinit: ${file}: the file was truncated while it was read\n`,
    })
  })
})

describe.skipIf(!existsSync('/dev/full'))('an output that cannot be written to', () => {
  const shell = (line: string) => ['bash', '-c', line, 'bash']
  const full = (descriptor: number) => shell(`exec "$@" ${descriptor}>/dev/full`)
  /** A pipe whose reader has exited when the command starts. */
  const left = (descriptor: number) => shell(`exec 3> >(:); wait $!; exec "$@" ${descriptor}>&3`)
  const args = ['init', 'model', '--out', 'out', '--json']
  const noRoom = 'simdinit: standard output: the disk is full\n'

  itSlow.each([
    ['is full', full(2)],
    ['has no reader', left(2)],
  ])('does not affect the run if it is stderr, which %s', async (_, prefix) => {
    const cwd = createModelFolder()
    const { code, stdout } = await runSimdinit(args, { cwd, prefix })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).status).toBe('written')
    await init(join(cwd, 'model'), { out: join(cwd, 'whole') })
    expect(hashFiles(join(cwd, 'out'))).toEqual(hashFiles(join(cwd, 'whole')))
    for (const bad of [['init', 'nothing'], ['init', '--nothing'], []]) {
      expect(await runSimdinit(bad, { cwd, prefix })).toMatchObject({ code: 2, stdout: '' })
    }
    writeFileSync(join(cwd, 'out', 'config.json'), '{}')
    expect(await runSimdinit(['verify', 'out', '--json'], { cwd, prefix })).toMatchObject({ code: 1 })
  })

  it('fails the run if it is stdout and full, after all files are written', async () => {
    const cwd = createModelFolder()
    const first = await runSimdinit(args, { cwd, prefix: full(1) })
    expect(first.code).toBe(1)
    expect(first.stderr).toMatch(/^\{"event":"start".*\}\n/)
    expect(first.stderr.replace(/^.*\n/, '')).toBe(noRoom)
    await init(join(cwd, 'model'), { out: join(cwd, 'whole') })
    expect(hashFiles(join(cwd, 'out'))).toEqual(hashFiles(join(cwd, 'whole')))
    for (const command of pickByTier(1, [
      [...args, '--dry-run'],
      ['verify', 'out'],
      ['inspect', 'out'],
      ['models'],
    ])) {
      expect(await runSimdinit(command, { cwd, prefix: full(1) })).toMatchObject({ code: 1, stderr: noRoom })
    }
    rmSync(join(cwd, 'out'), { recursive: true })
    const both = shell('exec "$@" >/dev/full 2>/dev/full')
    expect(await runSimdinit(args, { cwd, prefix: both })).toMatchObject({ code: 1 })
    expect(hashFiles(join(cwd, 'out'))).toEqual(hashFiles(join(cwd, 'whole')))
  })

  itSlow('is not a failure if it is stdout without a reader', async () => {
    const cwd = createModelFolder()
    const command = ['init', 'model', '--out', 'out']
    expect(await runSimdinit(command, { cwd, prefix: left(1) })).toMatchObject({ code: 0, stderr: '' })
    expect(await runSimdinit(['verify', 'out', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  })

  itSlow('is reported if a flag names it', async () => {
    const cwd = createModelFolder()
    await init(join(cwd, 'model'), { out: join(cwd, 'out') })
    expect(await runSimdinit(['inspect', 'out', '--html', '/dev/full'], { cwd })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'simdinit: /dev/full: the disk is full\n',
    })
    expect(await runSimdinit(['init', 'model', '--out', '/dev/full'], { cwd })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'simdinit: /dev/full is a file, not a folder\n',
    })
  })
})

describe('the surroundings', () => {
  itSlow('do not affect the result: locale, time zone, time, umask, an empty environment', async () => {
    const cwd = createModelFolder()
    const args = (out: string) => ['init', 'model', '--max-shard-size', MAX, '--out', out, '--quiet']
    const around = [
      ['env', 'LC_ALL=tr_TR.UTF-8', 'LANG=tr_TR.UTF-8', 'TZ=Pacific/Apia'],
      ['env', '-i', 'TZ=UTC'],
      ['bash', '-c', 'umask 077; exec "$@"', 'bash'],
    ]
    expect(await runSimdinit(args('plain'), { cwd })).toMatchObject({ code: 0 })
    for (const [i, prefix] of around.entries()) {
      expect(await runSimdinit(args(`${i}`), { cwd, prefix })).toMatchObject({ code: 0, stderr: '' })
      expect(hashFiles(join(cwd, `${i}`))).toEqual(hashFiles(join(cwd, 'plain')))
    }
    // a clock that is decades slow
    const clock = join(cwd, 'clock.mjs')
    writeFileSync(clock, 'Date.now = () => 0\n')
    const prefix = ['env', `NODE_OPTIONS=--import=${clock}`]
    expect(await runSimdinit(args('late'), { cwd, prefix })).toMatchObject({ code: 0, stderr: '' })
    expect(hashFiles(join(cwd, 'late'))).toEqual(hashFiles(join(cwd, 'plain')))
  })
})
