/** Installs this folder's own package when it is first asked for; says whether it is there. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const here = import.meta.dirname
export const installed =
  existsSync(`${here}/node_modules`) ||
  spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    stdio: 'inherit',
  }).status === 0
