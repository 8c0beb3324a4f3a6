/** Preload: reads of the file FAIL_FILE fail with an input/output error, or with FAIL_WITH=eof find the end at once. */

import { createRequire, syncBuiltinESMExports } from 'node:module'

const fs = createRequire(import.meta.url)('node:fs')
const { FAIL_FILE = '', FAIL_WITH } = process.env

/** Node's own error has no path: a read knows only a descriptor. */
const createError = () =>
  Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5, syscall: 'read' })

const descriptors = new Set()
const { openSync, open, readSync, read, readFileSync } = fs
fs.openSync = (path, ...rest) => {
  const file = openSync(path, ...rest)
  if (String(path).endsWith(FAIL_FILE)) descriptors.add(file)
  return file
}
fs.open = (path, ...rest) => {
  const callback = rest.pop()
  open(path, ...rest, (error, file) => {
    if (String(path).endsWith(FAIL_FILE)) descriptors.add(file)
    callback(error, file)
  })
}
fs.readSync = (file, ...rest) => {
  if (!descriptors.has(file)) return readSync(file, ...rest)
  if (FAIL_WITH === 'eof') return 0
  throw createError()
}
fs.read = (file, ...rest) => {
  if (!descriptors.has(file)) return read(file, ...rest)
  const callback = rest.pop()
  if (FAIL_WITH === 'eof') setImmediate(callback, null, 0, rest[0])
  else setImmediate(callback, createError())
}
fs.readFileSync = (path, ...rest) => {
  if (!descriptors.has(path) && !String(path).endsWith(FAIL_FILE)) return readFileSync(path, ...rest)
  if (FAIL_WITH === 'eof') return Buffer.alloc(0)
  throw createError()
}
syncBuiltinESMExports()

const handle = await fs.promises.open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
const { read: readHandle } = prototype
const openHandle = fs.promises.open
fs.promises.open = async (path, ...rest) => {
  const file = await openHandle(path, ...rest)
  if (String(path).endsWith(FAIL_FILE)) descriptors.add(file.fd)
  return file
}
prototype.read = async function (...args) {
  if (!descriptors.has(this.fd)) return readHandle.apply(this, args)
  if (FAIL_WITH === 'eof') return { bytesRead: 0, buffer: args[0] }
  throw createError()
}
syncBuiltinESMExports()
