/** Preload: every write writes at most a thousand bytes, as disks and networks may. */

import promises from 'node:fs/promises'

const handle = await promises.open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
const { write } = prototype
prototype.write = function (buffer, offset, length, position) {
  return write.call(this, buffer, offset, Math.min(length, 1000), position)
}
