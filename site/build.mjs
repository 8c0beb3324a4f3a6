/** Installs what the site is built with, if that is missing or out of date, and builds it: build/site/page. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
export const page = join(here, '../build/site/page')

export function installSite() {
  if (!isInstalled()) run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
}

export function buildSite() {
  installSite()
  run('node', ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'])
}

/** npm leaves beside the packages a list of them, which it takes from the lockfile. */
function isInstalled() {
  const left = join(here, 'node_modules/.package-lock.json')
  return existsSync(left) && packages(left) === packages(join(here, 'package-lock.json'))
}

function packages(file) {
  return Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
    .filter(([path, { optional }]) => path && !optional)
    .map(([path, { version }]) => `${path}@${version}`)
    .toSorted()
    .join('\n')
}

function run(command, args) {
  const shell = process.platform === 'win32' && command === 'npm'
  const { status } = spawnSync(command, args, { cwd: here, stdio: ['ignore', 2, 2], shell })
  if (status !== 0) {
    console.error(`site: ${command} ${args.join(' ')} failed`)
    process.exit(1)
  }
}
