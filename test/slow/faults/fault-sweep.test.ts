/**
 * Each call of the C library that the command makes on files, with each fault that the call can report: nothing is
 * lost, nothing incomplete has a final name, one sentence says what happened, and the next run continues. Without a
 * compiler the functions of node:fs fail instead.
 *
 * Each fault of each call happens once, in one of the scenarios. With SIMDINIT_FAULTS=all it happens at every call of
 * every scenario.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { hashFiles } from '../../support/folders.ts'
import { runSimdinit, TINY_CONFIG, type CommandResult } from '../../support/run-simdinit.ts'

const FAULTS: Record<string, string[]> = {
  open64: ['EACCES', 'EMFILE', 'EIO', 'ENOSPC', 'EINTR', 'ESTALE', 'kill'],
  read: ['EIO', 'EINTR', 'short', 'end'],
  pread64: ['EIO', 'EINTR', 'short', 'end'],
  write: ['ENOSPC', 'EIO', 'EINTR', 'EDQUOT', 'short'],
  pwrite64: ['ENOSPC', 'EIO', 'EINTR', 'EDQUOT', 'EFBIG', 'short', 'kill'],
  fsync: ['EIO', 'ENOSPC', 'EINTR', 'EDQUOT', 'kill'],
  fdatasync: ['EIO', 'ENOSPC', 'EINTR'],
  close: ['EIO', 'EINTR', 'EDQUOT'],
  rename: ['EIO', 'ENOSPC', 'EACCES', 'EXDEV', 'EROFS', 'kill'],
  unlink: ['EIO', 'EACCES', 'EBUSY', 'kill'],
  mkdir: ['EACCES', 'ENOSPC', 'EIO', 'kill'],
  rmdir: ['EIO'],
  scandir64: ['EACCES', 'EIO', 'EMFILE'],
  statfs64: ['ENOSYS', 'EIO', 'EACCES'],
}

const folder = mkdtempSync(join(tmpdir(), 'simdinit-faults-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const preload = createPreload()
const INIT = ['init', 'model', '--out', 'out', '--max-shard-size', '4KB', '--quiet']

/** A state of the folder and a command; the files in `out` afterwards, in every case. */
interface Scenario {
  readonly name: string
  readonly start: string
  readonly args: readonly string[]
  readonly writes: boolean
}

const base = join(folder, 'base')
mkdirSync(join(base, 'model'), { recursive: true })
writeFileSync(join(base, 'model', 'config.json'), JSON.stringify(TINY_CONFIG))
writeFileSync(join(base, 'model', 'tokenizer.json'), '{}\n')
const complete = await prepare('complete', base, INIT)
const other = await prepare('other', base, [...INIT, '--seed', '9'])
const partial = await prepare('partial', base, [...INIT, '--rank', '0', '--world-size', '2'])
const expected = hashFiles(join(complete, 'out'))
const previous = hashFiles(join(other, 'out'))

const SCENARIOS: Scenario[] = [
  { name: 'init', start: base, args: INIT, writes: true },
  { name: 'init of the rest', start: partial, args: INIT, writes: true },
  { name: 'init --force', start: other, args: [...INIT, '--force'], writes: true },
  { name: 'init again', start: complete, args: INIT, writes: false },
  { name: 'verify', start: complete, args: ['verify', 'out', '--json'], writes: false },
  {
    name: 'inspect',
    start: complete,
    args: ['inspect', 'out', '--json', '--html', 'report.html'],
    writes: false,
  },
]

async function prepare(name: string, from: string, args: readonly string[]): Promise<string> {
  const cwd = join(folder, name)
  cpSync(from, cwd, { recursive: true })
  expect(await runSimdinit(args, { cwd })).toMatchObject({ code: 0 })
  return cwd
}

/** The environment that injects faults: the library if it can be compiled, else the preload for Node. */
function createPreload(): string {
  const library = join(folder, 'inject-fault.so')
  const source = 'test/slow/faults/inject-fault.c'
  const { status } = spawnSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'])
  if (status === 0 && process.platform === 'linux') return `LD_PRELOAD=${library}`
  return `NODE_OPTIONS=--import=${resolve('test/slow/faults/inject-fault.mjs')}`
}

/** Runs a scenario in a fresh copy of its folder. */
async function run(
  { start, args }: Scenario,
  variables: readonly string[],
): Promise<[string, CommandResult]> {
  const cwd = join(folder, 'run')
  rmSync(cwd, { recursive: true, force: true })
  cpSync(start, cwd, { recursive: true })
  const prefix = ['env', preload, `FAULT_FOLDER=${cwd}`, ...variables]
  return [cwd, await runSimdinit(args, { cwd, prefix })]
}

/** How often the command makes each call, without a fault. */
async function countCalls(scenario: Scenario): Promise<Map<string, number>> {
  const log = join(folder, 'log')
  rmSync(log, { force: true })
  const [, result] = await run(scenario, [`FAULT_LOG=${log}`])
  expect(result).toMatchObject({ code: 0 })
  const counts = new Map<string, number>()
  for (const call of readFileSync(log, 'utf8').trim().split('\n'))
    counts.set(call, (counts.get(call) ?? 0) + 1)
  return counts
}

const counts = new Map<Scenario, Map<string, number>>()
for (const scenario of SCENARIOS) counts.set(scenario, await countCalls(scenario))

/** Scenario, call, which of its calls, and fault. */
type Case = [Scenario, string, number, string]

function listCases(): Case[] {
  const cases = Object.entries(FAULTS).flatMap(([call, kinds]) =>
    kinds.map((kind): Case[] =>
      SCENARIOS.flatMap((scenario) =>
        Array.from({ length: counts.get(scenario)!.get(call) ?? 0 }, (_, i): Case => [
          scenario,
          call,
          i + 1,
          kind,
        ]),
      ),
    ),
  )
  if (process.env.SIMDINIT_FAULTS === 'all') return cases.flat()
  // 7 and 5 are coprime to most counts: neighbouring faults are in different scenarios and at different calls
  return cases.flatMap((list, i) => (list.length > 0 ? [list[(i * 7 + 5) % list.length]] : []))
}

describe('a fault', () => {
  it('can happen at every kind of call that changes files', () => {
    const seen = new Set([...counts.values()].flatMap((calls) => [...calls.keys()]))
    for (const call of ['open64', 'pwrite64', 'fsync', 'rename', 'unlink', 'mkdir', 'scandir64'])
      expect(seen).toContain(call)
  })

  it.each(listCases().map(([scenario, ...rest]) => [scenario.name, ...rest, scenario] as const))(
    '%s: %s number %i, %s',
    async (_, call, index, kind, scenario) => {
      const errno = constants.errno[kind as 'EIO'] ?? kind
      const [cwd, result] = await run(scenario, [
        `FAULT_CALL=${call}`,
        `FAULT_INDEX=${index}`,
        `FAULT_KIND=${errno}`,
      ])
      const files = existsSync(join(cwd, 'out')) ? hashFiles(join(cwd, 'out')) : {}
      expectNothingLost(files)
      if (kind === 'kill') expect(result).toMatchObject({ signal: 'SIGKILL' })
      else expectPlainResult(scenario, result, files, call)
      const report = join(cwd, 'report.html')
      if (existsSync(report)) expect(readFileSync(report, 'utf8')).toMatch(/<\/html>\s*$/)
      expect(await runSimdinit(scenario.args, { cwd }), 'the next run').toMatchObject({ code: 0 })
      expect(hashFiles(join(cwd, 'out'))).toEqual(expected)
    },
  )
})

/** Every file under its final name is that of this checkpoint, or of the one that it replaces. */
function expectNothingLost(files: Record<string, string>): void {
  for (const [name, digest] of Object.entries(files)) {
    if (!name.startsWith('.')) expect([expected[name], previous[name]], name).toContain(digest)
  }
}

function expectPlainResult(
  { name, writes }: Scenario,
  { code, signal, stdout, stderr }: CommandResult,
  files: Record<string, string>,
  call: string,
): void {
  expect(signal).toBeNull()
  expect([0, 1, 2]).toContain(code)
  if (code !== 0) expect(stderr).toMatch(/^(\{.*\n)*simdinit: [^\n]+\n$/)
  if (name === 'verify' && code === 0) expect(JSON.parse(stdout)).toMatchObject({ differences: [] })
  // what cannot be removed stays for the next run
  const remaining = call === 'unlink' ? pickVisible(files) : files
  if (code === 0 || !writes) expect(remaining).toEqual(expected)
  expect(Object.keys(remaining).filter((name) => name.endsWith('.tmp'))).toEqual([])
}

function pickVisible(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !name.startsWith('.')))
}
