/**
 * `npm run test:runtimes`: the packed package, installed from its tarball, in this Node, in other versions of Node, in
 * Bun and in Deno, through every entry. All must give the values of docs/reference/stream.md and the same digest, and the
 * command the same file. Under qemu-user, Node for arm64 must do the same, and Node for s390x, which is big-endian, must be
 * refused. The runtimes are packages of this folder for Linux on x64, installed on the first run;
 * SIMDINIT_RUNTIMES=all makes a missing one a failure.
 */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled } from '../../../scripts/ensure-installed.mjs'
import { findEmulatedNode } from './emulated.mjs'
import { cached, canCount } from '../../support/page-cache.mjs'
import { installPacked, run } from '../../support/tarball.mjs'

const RANDOM_NUMBERS = `
  import { Random } from 'simdinit/random'
  const random = new Random(42)
  console.log(random.bits(), random.bits(new BigUint64Array(9)), random.integers(1000, new Uint16Array(9)),
    random.uniform(new Float32Array(9)), random.normal(new Float64Array(9)), random.permutation(9))`

const here = import.meta.dirname
if (!ensureInstalled(here)) process.exit(1)

const packages = `${here}/node_modules`
const runtimes = {
  [`Node ${process.version}`]: [process.execPath],
  'Node 22': [`${packages}/node22/bin/node`],
  'Node 24': [`${packages}/node24/bin/node`],
  'Node 26': [`${packages}/node26/bin/node`],
  Bun: [`${packages}/@oven/bun-linux-x64/bin/bun`],
  Deno: [
    `${packages}/@deno/linux-x64-glibc/deno`,
    'run',
    '--allow-all',
    '--no-prompt',
    '--node-modules-dir=manual',
  ],
}

const installed = Object.entries(runtimes).filter(([name, [command]]) => {
  if (existsSync(command)) return true
  console.log(`skip  ${name}: its package is for Linux on x64`)
  if (process.env.SIMDINIT_RUNTIMES === 'all') process.exit(1)
  return false
})
const emulators = join(here, '../../../build/emulators')
const arm64 = findEmulatedNode('arm64', emulators)
if (arm64) installed.push(['Node on arm64', arm64])
const app = join(here, '../../../build/runtimes')
installPacked(app)
for (const file of ['golden.mjs', 'here.mjs']) cpSync(join(here, file), join(app, file))
const page = join(here, '../../../docs/reference/stream.md')
const small = ['n_layer=1', 'n_embd=8', 'n_head=2', 'vocab_size=64', 'n_positions=16']
const sets = small.flatMap((setting) => ['--set', setting])
const found = installed.map(([name, [command, ...flags]], i) => {
  const inside = (...args) => run(command, [...flags, ...args], app)
  try {
    const out = `model-${i}`
    const main = 'node_modules/simdinit/dist/cli/main.js'
    inside(main, 'init', 'gpt2', ...sets, '--out', out, '--quiet', '--no-cache')
    if (name.startsWith('Node') && canCount(app) && cached(join(app, out, 'model.safetensors')) > 0)
      throw new Error('--no-cache left the file in the page cache')
    inside(main, 'verify', out, '--quiet')
    return { name, ...JSON.parse(inside('here.mjs', page, out).split('\n').at(-1)) }
  } catch (error) {
    return { name, failures: [error.message], digests: [] }
  }
})
const [
  {
    digests: [expected],
    threads: expectedThreads,
    file: expectedFile,
    dialects: expectedDialects,
  },
] = found
let failed = false
for (const { name, failures, digests, threads, file, dialects, info, checked } of found) {
  const same =
    digests.length === 2 &&
    digests.every((digest) => digest === expected) &&
    threads === expectedThreads &&
    file === expectedFile &&
    dialects === expectedDialects
  if (!same || failures.length > 0) failed = true
  const report =
    failures.length > 0
      ? failures.join('; ')
      : same
        ? `${checked} rows, ${expected.slice(0, 16)}, file ${file.slice(0, 16)}, dialects ${dialects.slice(0, 16)}`
        : 'other bytes'
  console.log(
    `${failures.length > 0 || !same ? 'FAIL' : 'ok  '}  ${name.padEnd(14)}  ${report}  ${info ? `${info.backend}, ${info.threads} threads` : ''}`,
  )
}

/** Where a typed array is big-endian, the command writes nothing and says why; the numbers of Random stay the same. */
const s390x = findEmulatedNode('s390x', emulators)
if (s390x) {
  const [command, ...flags] = s390x
  const main = 'node_modules/simdinit/dist/cli/main.js'
  const args = [main, 'init', 'gpt2', ...sets, '--out', 'model-big-endian']
  const { status, stderr } = spawnSync(command, [...flags, ...args], { cwd: app, encoding: 'utf8' })
  const refused = status === 1 && stderr.startsWith('simdinit: this machine is big-endian')
  const numbers = ['--input-type=module', '-e', RANDOM_NUMBERS]
  const same = run(command, [...flags, ...numbers], app) === run(process.execPath, numbers, app)
  const right = refused && !existsSync(join(app, 'model-big-endian')) && same
  console.log(
    `${right ? 'ok  ' : 'FAIL'}  Node on s390x   ${right ? 'refused, with the same random numbers' : stderr}`,
  )
  if (!right) failed = true
}
process.exitCode = failed ? 1 : 0
