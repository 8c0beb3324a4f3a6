/**
 * Loads the libraries that benches compare with: the packages of this folder, which are installed first, and PyTorch
 * and NumPy if a python3 has them.
 */

import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { installed } from './install.mjs'

const here = import.meta.dirname
if (!installed) process.exit(1)

export const require = createRequire(`${here}/`)

export function versionOf(library) {
  return JSON.parse(readFileSync(`${here}/node_modules/${library}/package.json`, 'utf8')).version
}

/** Starts torch_numpy.py in the python3 that has more of torch and numpy. Undefined if there is no such python3. */
export async function startPython() {
  const candidates = ['/usr/bin/python3', 'python3'].map((command) => [
    command,
    ['torch', 'numpy'].filter((module) => spawnSync(command, ['-c', `import ${module}`]).status === 0),
  ])
  const [command, modules] = candidates.toSorted((a, b) => b[1].length - a[1].length)[0]
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
