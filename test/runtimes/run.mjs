/**
 * `npm run test:runtimes`: the golden set in this Node and in other versions of it, in Bun and in Deno. All must give
 * the values of docs/stream.md and one digest. They are packages of this folder, which npm installs here when it is
 * first run, for Linux on x64; SIMDINIT_RUNTIMES=all makes a missing one a failure.
 */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const here = import.meta.dirname
if (!existsSync(`${here}/node_modules`)) {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(1)
}

const packages = `${here}/node_modules`
const runtimes = {
  [`Node ${process.version}`]: [process.execPath],
  'Node 22': [`${packages}/node22/bin/node`],
  'Node 24': [`${packages}/node24/bin/node`],
  'Node 26': [`${packages}/node26/bin/node`],
  Bun: [`${packages}/@oven/bun-linux-x64/bin/bun`],
  Deno: [`${packages}/@deno/linux-x64-glibc/deno`, 'run', '--allow-all', '--no-prompt'],
}

const installed = Object.entries(runtimes).filter(([name, [command]]) => {
  if (existsSync(command)) return true
  console.log(`skip  ${name}: its package is for Linux on x64`)
  if (process.env.SIMDINIT_RUNTIMES === 'all') process.exit(1)
  return false
})
const found = installed.map(([name, [command, ...flags]]) => {
  const { status, stdout, stderr } = spawnSync(command, [...flags, `${here}/here.mjs`], {
    encoding: 'utf8',
  })
  if (status !== 0) return { name, failures: [stderr || 'it could not be started'], digests: [] }
  return { name, ...JSON.parse(stdout.trim().split('\n').at(-1)) }
})
const [
  {
    digests: [expected],
    threads: expectedThreads,
  },
] = found
let failed = false
for (const { name, failures, digests, threads, info, checked } of found) {
  const same =
    digests.length === 2 && digests.every((digest) => digest === expected) && threads === expectedThreads
  if (!same || failures.length > 0) failed = true
  const said =
    failures.length > 0
      ? failures.join('; ')
      : same
        ? `${checked} rows, ${expected.slice(0, 16)}`
        : 'other bytes'
  console.log(
    `${failures.length > 0 || !same ? 'FAIL' : 'ok  '}  ${name.padEnd(14)}  ${said}  ${info ? `${info.backend}, ${info.threads} threads` : ''}`,
  )
}
process.exitCode = failed ? 1 : 0
