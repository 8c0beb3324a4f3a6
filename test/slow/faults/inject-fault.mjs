/**
 * Preload: what inject-fault.c does, for machines without a compiler. It replaces functions of node:fs, and names them
 * after the calls of the C library that they make. Takes the same variables.
 */

import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { constants } from 'node:os'
import { resolve } from 'node:path'

const { FAULT_FOLDER = '\0', FAULT_LOG, FAULT_CALL, FAULT_INDEX, FAULT_KIND } = process.env
const { appendFileSync } = fs
let count = 0

/** Resolves to 'short' or 'end', throws, or kills; undefined to proceed. */
function decide(call) {
  if (FAULT_LOG) appendFileSync(FAULT_LOG, `${call}\n`)
  if (call !== FAULT_CALL || ++count !== Number(FAULT_INDEX)) return undefined
  if (FAULT_KIND === 'short' || FAULT_KIND === 'end') return FAULT_KIND
  if (FAULT_KIND === 'kill') process.kill(process.pid, 'SIGKILL')
  const [code] = Object.entries(constants.errno).find(([, errno]) => errno === Number(FAULT_KIND))
  throw Object.assign(new Error(`${code}: injected, ${call}`), {
    code,
    errno: -Number(FAULT_KIND),
    syscall: call,
  })
}

const isInside = (path) => typeof path === 'string' && resolve(path).startsWith(FAULT_FOLDER)

function hookPath(object, name, call, argument = 0) {
  const original = object[name]
  object[name] = function (...args) {
    if (isInside(args[argument])) decide(call)
    return original.apply(this, args)
  }
}

for (const [name, call, argument] of [
  ['openSync', 'open64'],
  ['readFileSync', 'open64'],
  ['writeFileSync', 'open64'],
  ['renameSync', 'rename', 1],
  ['rmSync', 'unlink'],
  ['unlinkSync', 'unlink'],
  ['rmdirSync', 'rmdir'],
  ['mkdirSync', 'mkdir'],
  ['readdirSync', 'scandir64'],
  ['statfsSync', 'statfs64'],
]) {
  hookPath(fs, name, call, argument)
}

/** Functions that return a promise reject; those of handles know their file by `files`. */
const files = new WeakSet()
const { open } = promises
promises.open = async (path, ...rest) => {
  if (isInside(path)) decide('open64')
  const file = await open(path, ...rest)
  if (isInside(path)) files.add(file)
  return file
}
for (const [name, call, argument = 0] of [
  ['rename', 'rename', 1],
  ['rm', 'unlink'],
]) {
  const original = promises[name]
  promises[name] = async (...args) => {
    if (isInside(args[argument])) decide(call)
    return original(...args)
  }
}

const handle = await open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
for (const [name, call] of [
  ['read', 'pread64'],
  ['write', 'pwrite64'],
  ['sync', 'fsync'],
  ['datasync', 'fdatasync'],
]) {
  const original = prototype[name]
  prototype[name] = async function (buffer, offset, length, position) {
    const outcome = files.has(this) ? decide(call) : undefined
    if (outcome === 'end') return { bytesRead: 0, buffer }
    const size = outcome === 'short' && length > 1 ? length >> 1 : length
    return original.call(this, buffer, offset, size, position)
  }
}
syncBuiltinESMExports()
