/**
 * The peers of the benches, in this folder's own package, which npm installs when it is first wanted; and PyTorch and
 * NumPy, where a python3 has them.
 */

import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { installed } from './install.mjs'

const here = import.meta.dirname
if (!installed) process.exit(1)

export const require = createRequire(`${here}/`)

export function versionOf(peer) {
  return JSON.parse(readFileSync(`${here}/node_modules/${peer}/package.json`, 'utf8')).version
}

/** The first python3 that has torch, else numpy, with torch_numpy.py running in it. */
export async function startPython() {
  const wanted = ['/usr/bin/python3', 'python3'].map((command) => [
    command,
    ['torch', 'numpy'].filter((module) => spawnSync(command, ['-c', `import ${module}`]).status === 0),
  ])
  const [command, modules] = wanted.toSorted((a, b) => b[1].length - a[1].length)[0]
  if (modules.length === 0) return undefined
  const child = spawn(command, [`${here}/torch_numpy.py`], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => JSON.parse((await lines.next()).value)
  return {
    ...(await next()),
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return next()
    },
    end: () => child.kill(),
  }
}
