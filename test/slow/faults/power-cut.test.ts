/**
 * Power cuts: what a disk may hold if the power fails at any moment of a run. Written bytes are lost, zero, partial or
 * present until the file is synced, and so is each change of a name until the folder is synced. From every such state
 * nothing is lost, and the next run continues to the same bytes.
 *
 * Twenty states of each run are tried; SIMDINIT_FAULTS=all tries all of them.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hashFiles } from '../../support/folders.ts'
import { CLI_PATH, createTempFolder, runSimdinit, TINY_CONFIG } from '../../support/run-simdinit.ts'

const STATES = process.env.SIMDINIT_FAULTS === 'all' ? Infinity : 20
const INIT = ['init', 'model', '--out', 'out', '--max-shard-size', '4KB', '--quiet']

interface Operation {
  readonly kind: 'create' | 'write' | 'sync' | 'rename' | 'remove'
  readonly path: string
  readonly to?: string
  readonly position?: number
  readonly data?: string
}

/** A file with the bytes that programs see and those that are certainly on the disk. */
interface Inode {
  data: Buffer
  synced: Buffer
}

/** Changes of names: which inode a name gets, or none. */
type Rename = readonly [name: string, inode: Inode | undefined]
type Names = Map<string, Inode>

/** The content of a folder: bytes by name. */
type State = Map<string, Buffer>

function createFolder(): string {
  const cwd = createTempFolder()
  mkdirSync(join(cwd, 'model'))
  writeFileSync(join(cwd, 'model', 'config.json'), JSON.stringify(TINY_CONFIG))
  writeFileSync(join(cwd, 'model', 'tokenizer.json'), '{}\n')
  return cwd
}

function recordOperations(cwd: string, args: readonly string[]): Operation[] {
  const log = join(cwd, 'operations.json')
  const hook = resolve('test/slow/faults/record-operations.mjs')
  const env = { ...process.env, RECORD_FOLDER: join(cwd, 'out'), RECORD_TO: log }
  const { status } = spawnSync(process.execPath, ['--import', hook, CLI_PATH, ...args], { cwd, env })
  expect(status).toBe(0)
  return JSON.parse(readFileSync(log, 'utf8')) as Operation[]
}

function readState(folder: string): State {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))
}

/** All distinct states that the disk may be in after any number of the operations. */
function listStates(start: State, operations: readonly Operation[]): State[] {
  const synced: Names = new Map([...start].map(([name, data]) => [name, { data, synced: data }]))
  const seen: Names = new Map(synced)
  const pending: Rename[][] = []
  const states = new Map<string, State>()
  const change = (...renames: Rename[]) => {
    pending.push(renames)
    applyRenames(seen, renames)
  }
  const addStates = () => {
    const subsets = [
      [],
      pending,
      ...pending.map((one) => [one]),
      ...pending.map((one) => pending.filter((p) => p !== one)),
    ]
    for (const subset of subsets) {
      const names = new Map(synced)
      for (const renames of subset) applyRenames(names, renames)
      for (const state of listContents(names)) states.set(digestState(state), state)
    }
  }
  addStates()
  for (const { kind, path, to, position = 0, data = '' } of operations) {
    const name = basename(path)
    const inode = seen.get(name)
    if (kind === 'create') change([name, { data: Buffer.alloc(0), synced: Buffer.alloc(0) }])
    else if (kind === 'rename') change([name, undefined], [basename(to!), inode])
    else if (kind === 'remove') {
      if (inode) change([name, undefined])
    } else if (kind === 'write') inode!.data = overwrite(inode!.data, position, Buffer.from(data, 'base64'))
    else if (inode) inode.synced = inode.data
    else for (const renames of pending.splice(0)) applyRenames(synced, renames) // a sync of the folder
    addStates()
  }
  return [...states.values()]
}

function applyRenames(names: Names, renames: readonly Rename[]): void {
  for (const [name, inode] of renames) {
    if (inode) names.set(name, inode)
    else names.delete(name)
  }
}

/** The contents of files that are not synced: lost, zero, half, or all there. */
function listContents(names: Names): State[] {
  const half = (inode: Inode) => inode.data.subarray(0, inode.data.length >> 1)
  const zero = ({ data, synced }: Inode) =>
    Buffer.concat([synced, Buffer.alloc(Math.max(0, data.length - synced.length))])
  const outcomes = [({ synced }: Inode) => synced, zero, half, ({ data }: Inode) => data]
  return outcomes.map(
    (outcome) =>
      new Map(
        [...names].map(([name, inode]) => [name, inode.data === inode.synced ? inode.data : outcome(inode)]),
      ),
  )
}

function overwrite(file: Buffer, position: number, data: Buffer): Buffer {
  const result = Buffer.alloc(Math.max(file.length, position + data.length))
  file.copy(result)
  data.copy(result, position)
  return result
}

const digest = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')

function digestState(state: State): string {
  return digest(
    [...state]
      .map(([name, data]) => `${name} ${digest(data)}`)
      .toSorted()
      .join('\n'),
  )
}

describe('a power cut', () => {
  it.each([
    ['while a checkpoint is written', [], INIT],
    ['while one is continued', [...INIT, '--rank', '0', '--world-size', '2'], INIT],
    ['while one is replaced', [...INIT, '--seed', '9'], [...INIT, '--force']],
  ])('%s loses nothing, and the next run continues', async (_, before, args) => {
    const start = createFolder()
    mkdirSync(join(start, 'out'))
    if (before.length > 0) expect(await runSimdinit(before, { cwd: start })).toMatchObject({ code: 0 })
    const live = createTempFolder()
    cpSync(start, live, { recursive: true })
    const operations = recordOperations(live, args)
    expect(
      operations.filter(({ kind, path }) => kind === 'sync' && path === join(live, 'out')).length,
    ).toBeGreaterThan(5)
    const expected = hashFiles(join(live, 'out'))
    const previous = hashFiles(join(start, 'out'))

    const states = listStates(readState(join(start, 'out')), operations)
    expect(states.length).toBeGreaterThan(30)
    const step = Math.max(1, states.length / STATES)
    for (let i = 0; i < states.length; i += step) {
      const state = states[Math.floor(i)]
      for (const [name, data] of state) {
        if (!name.startsWith('.')) expect([expected[name], previous[name]], name).toContain(digest(data))
      }
      const out = join(start, 'out')
      rmSync(out, { recursive: true })
      mkdirSync(out)
      for (const [name, data] of state) writeFileSync(join(out, name), data)
      expect(await runSimdinit(args, { cwd: start }), [...state.keys()].join(', ')).toMatchObject({ code: 0 })
      expect(hashFiles(out), [...state.keys()].join(', ')).toEqual(expected)
    }
  })
})
