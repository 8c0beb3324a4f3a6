/** Installs the packages of a folder that has its own package.json, so that only the commands that use them pay. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs `npm ci` in `folder` unless its packages match its lockfile. Returns false when the installation fails. */
export function ensureInstalled(folder) {
  if (isInstalled(folder)) return true
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', ['ci', ...options], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  return status === 0
}

/** Compares the lockfile with the copy that npm leaves in node_modules. */
function isInstalled(folder) {
  const installed = join(folder, 'node_modules/.package-lock.json')
  return existsSync(installed) && listPackages(installed) === listPackages(join(folder, 'package-lock.json'))
}

/** The required packages of a lockfile: optional ones depend on the platform. */
function listPackages(lockfile) {
  return Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages)
    .filter(([path, { optional }]) => path && !optional)
    .map(([path, { version }]) => `${path}@${version}`)
    .toSorted()
    .join('\n')
}
