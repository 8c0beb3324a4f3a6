/** Hosts that lack memory, threads or functions: everything runs, with the same bytes, by what they have. */

import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createEngine, normal } from '../../src/index.ts'
import { createTempFolder } from '../support/run-simdinit.ts'
import { isSlowTier } from '../support/tier.ts'

interface Host {
  /** Options of Node. */
  readonly node?: readonly string[]
  /** A command of the shell before Node starts. */
  readonly shell?: string
  /** A command that runs the shell. */
  readonly prefix?: readonly string[]
  /** What is expected to run there. */
  readonly expected: object
  /** Whether only `npm run test:slow` tries it. */
  readonly isSlow?: boolean
}

const WASM = { backend: 'wasm', threads: 2, small: 'wasm', inspect: 'wasm' }
const ONE_THREAD = { ...WASM, threads: 1 }
const JS = { backend: 'js', threads: 1, small: 'js', inspect: 'js', wasmError: 'ERR_UNAVAILABLE' }
const because = (text: string) => ({ reason: expect.stringContaining(text) })
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission'

/** root has no limit of threads, so another user tries it, who must be able to read this file. */
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
const mayLimitThreads =
  process.getuid?.() === 0 &&
  spawnSync(AS_NOBODY[0], [...AS_NOBODY.slice(1), 'test', '-r', import.meta.filename]).status === 0

/** The number of threads that Node has before it starts any worker. */
function countThreadsOfNode(): number {
  const script = `fs.promises.stat('.').then(() => console.log(fs.readdirSync('/proc/self/task').length))`
  return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
}

const HOSTS: Record<string, Host> = {
  'with an address space of 8 GB': {
    shell: 'ulimit -v 8000000',
    expected: { ...JS, ...because('could not be allocated') },
    isSlow: true,
  },
  'with an address space of 60 GB': {
    shell: 'ulimit -v 60000000',
    expected: { ...ONE_THREAD, ...because('one thread, because the address space is limited') },
    isSlow: true,
  },
  'with a limit for the memory of WebAssembly': {
    node: ['--wasm-max-mem-pages=17'],
    expected: { ...JS, ...because('could not be allocated'), small: 'wasm' },
    isSlow: true,
  },
  'that forbids threads': {
    node: [permission, '--allow-fs-read=*', '--allow-fs-write=*'],
    expected: { ...ONE_THREAD, ...because('one thread, because a worker could not be started') },
  },
  ...(mayLimitThreads && {
    'that has no more threads': {
      prefix: AS_NOBODY,
      shell: `ulimit -u ${countThreadsOfNode()}`,
      expected: { ...ONE_THREAD, ...because('a worker could not be started: EAGAIN') },
      isSlow: true,
    },
  }),
  'with frozen intrinsics and without FileHandle.sync': {
    node: ['--frozen-intrinsics', '--import', resolve('test/support/without-sync.mjs')],
    expected: WASM,
  },
  'without SharedArrayBuffer': {
    node: ['--import', 'data:text/javascript,delete globalThis.SharedArrayBuffer'],
    expected: { ...ONE_THREAD, ...because('there is no SharedArrayBuffer here') },
    isSlow: true,
  },
  'that forbids eval': { node: ['--disallow-code-generation-from-strings'], expected: WASM, isSlow: true },
  'without WebAssembly': { node: ['--jitless'], expected: JS, isSlow: true },
}

/** Runs test/support/use-all.mjs, and returns what it prints. */
function useAll({ node = [], shell = ':', prefix = [] }: Partial<Host> = {}) {
  const folder = createTempFolder()
  chmodSync(folder, 0o777)
  const args = [...node, resolve('test/support/use-all.mjs'), folder]
  const script = `${shell}; exec "$@"`
  const [command, ...rest] = [...prefix, 'bash', '-c', script, 'bash', process.execPath, ...args]
  const child = spawn(command, rest)
  return new Promise<{ host: object; results: object }>((settle, fail) => {
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text) => (stdout += text))
    child.stderr.on('data', (text) => (stderr += text))
    child.on('error', fail)
    child.on('close', (code) => (code === 0 ? settle(JSON.parse(stdout)) : fail(new Error(stderr))))
  })
}

let usual: ReturnType<typeof useAll> | undefined

describe('a host', () => {
  const hosts = Object.entries(HOSTS)
    .filter(([, { isSlow }]) => isSlowTier || !isSlow)
    .filter(([, { shell }]) => process.platform === 'linux' || !shell)

  it.each(hosts)('%s gives the same bytes', async (_, limited) => {
    usual ??= useAll()
    const { host, results } = await usual
    expect(host).toMatchObject(WASM)
    expect(results).toMatchObject({ status: 'written', differences: [] })
    const limitedRun = await useAll(limited)
    expect(limitedRun.host).toMatchObject(limited.expected)
    expect(limitedRun.results).toEqual(results)
  })
})

describe('a host whose TextEncoder and TextDecoder come after the import', () => {
  it('can use every entry', async () => {
    const script = `
      const { TextEncoder, TextDecoder } = globalThis
      delete globalThis.TextEncoder
      delete globalThis.TextDecoder
      const entries = ['', '/inspect', '/models', '/random', '/safetensors', '/node', '/torch', '/keras', '/jax', '/tfjs']
      const [{ createEngine, normal }] = await Promise.all(entries.map((entry) => import('simdinit' + entry)))
      Object.assign(globalThis, { TextEncoder, TextDecoder })
      const engine = await createEngine({ threads: 1 })
      const { data } = await engine.tensor([3], normal(), { name: 'ü', seed: 1 })
      console.log(engine.info.backend, String(data))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
    const engine = await createEngine({ backend: 'js' })
    const { data } = await engine.tensor([3], normal(), { name: 'ü', seed: 1 })
    expect(stdout).toBe(`wasm ${data}\n`)
  })
})
