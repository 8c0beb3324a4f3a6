/** Preload: the handles of open files cannot sync, as those of Yarn Plug'n'Play. */

import promises from 'node:fs/promises'

const handle = await promises.open(import.meta.filename)
const { prototype } = handle.constructor
await handle.close()
prototype.sync = prototype.datasync = async () => {
  throw new Error('Method not implemented.')
}
