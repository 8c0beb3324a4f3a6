/**
 * Preload: writes what the process does to files below RECORD_FOLDER as a JSON array to the file RECORD_TO, when the
 * process ends: { kind, path } for create, sync and remove, with `to` for rename, and with `position` and `data`
 * (base64) for write.
 */

import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { resolve } from 'node:path'

const { RECORD_FOLDER = '\0', RECORD_TO } = process.env
const operations = []
const { writeFileSync } = fs

function record(kind, path, rest = {}) {
  if (resolve(path).startsWith(RECORD_FOLDER)) operations.push({ kind, path: resolve(path), ...rest })
}

const { rmSync } = fs
fs.rmSync = (path, options) => {
  rmSync(path, options)
  record('remove', path)
}
const { open, rename, rm } = promises
const paths = new WeakMap()
promises.open = async (path, flags = 'r', ...rest) => {
  const file = await open(path, flags, ...rest)
  paths.set(file, path)
  if (flags !== 'r') record('create', path)
  return file
}
promises.rename = async (from, to) => {
  await rename(from, to)
  record('rename', from, { to: resolve(to) })
}
promises.rm = async (path, ...rest) => {
  await rm(path, ...rest)
  record('remove', path)
}

const handle = await open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
const { write } = prototype
prototype.write = async function (buffer, offset, length, position) {
  const result = await write.call(this, buffer, offset, length, position)
  const data = Buffer.from(buffer.slice(offset, offset + result.bytesWritten)).toString('base64')
  record('write', paths.get(this), { position, data })
  return result
}
for (const name of ['sync', 'datasync']) {
  const original = prototype[name]
  prototype[name] = async function () {
    await original.call(this)
    record('sync', paths.get(this))
  }
}
syncBuiltinESMExports()

process.on('exit', () => writeFileSync(RECORD_TO, JSON.stringify(operations)))
