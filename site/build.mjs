/** Builds the playground into build/site/page. Installs its packages first if they are missing or out of date. */

import { join } from 'node:path'
import { ensureInstalled } from '../scripts/ensure-installed.mjs'
import { runOrExit } from '../scripts/run-command.mjs'

const here = import.meta.dirname
export const page = join(here, '../build/site/page')

export function installSite() {
  if (!ensureInstalled(here)) process.exit(1)
}

export function buildSite() {
  installSite()
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']
  runOrExit('node', vite, { cwd: here, label: 'site' })
}
