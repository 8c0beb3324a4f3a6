/** A folder with a package of its own, whose packages only some commands need: installed when it is first asked for. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Says whether its packages are there now. */
export function ensureInstalled(folder) {
  const command = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  return (
    existsSync(`${folder}/node_modules`) ||
    spawnSync('npm', command, { cwd: folder, stdio: 'inherit' }).status === 0
  )
}
