/** Preloaded, lets the disk tell of a failure in the first sync while a file is written, and never again, as disks do. */

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
