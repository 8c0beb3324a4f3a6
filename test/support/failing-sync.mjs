/** Preload: the first sync while a file is written fails, and no later one, as on real disks. */

import promises from 'node:fs/promises'

const handle = await promises.open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
const { datasync } = prototype
let hasFailed = false
prototype.datasync = async function () {
  if (hasFailed) return datasync.call(this)
  hasFailed = true
  throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' })
}
