/**
 * Preloaded into the command, this kills the process (SIGKILL) or stops it (SIGSTOP) just before its n-th operation
 * that changes the file system, counted over every function of node:fs that the command uses:
 *
 *   KILL_AT=7 [KILL_WITH=SIGSTOP] node --import test/support/kill-at.mjs dist/cli/main.js init ...
 *
 * KILL_WITH=HANG writes 'hangs' to stderr and blocks, for containers, whose first process ignores signals from within.
 *
 * With COUNT_TO=path it writes the number of operations and their list there at the end.
 */

import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const at = Number(process.env.KILL_AT ?? 0)
const done = []
const { writeFileSync } = fs

function stop(how) {
  if (how !== 'HANG') return process.kill(process.pid, how)
  fs.writeSync(2, 'hangs')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

function hook(object, name, changes = () => true) {
  const original = object[name]
  object[name] = function (...args) {
    if (changes(args)) {
      done.push(name)
      if (done.length === at) stop(process.env.KILL_WITH ?? 'SIGKILL')
    }
    return original.apply(this, args)
  }
}

const handle = await promises.open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
for (const name of ['write', 'sync']) hook(prototype, name)
for (const name of ['rename', 'rm']) hook(promises, name)
hook(promises, 'open', ([, flags]) => flags !== 'r')
for (const name of ['mkdirSync', 'rmSync', 'rmdirSync', 'writeFileSync', 'renameSync']) hook(fs, name)
syncBuiltinESMExports()

if (process.env.COUNT_TO) process.on('exit', () => writeFileSync(process.env.COUNT_TO, done.join(' ')))
