/** Preload: the first sync while a file is written fails, and no later one, as on real disks. */

import promises from 'node:fs/promises'

const handle = await promises.open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
const { datasync } = prototype
let told = false
prototype.datasync = async function () {
  if (told) return datasync.call(this)
  told = true
  throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' })
}
