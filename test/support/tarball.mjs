/** Packs the package as npm publishes it, and installs it from the tarball. Needs a built dist/. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Recreates `folder` with only the package installed. Returns the tarball, and npm's list of its files. */
export function installPacked(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  )
  const { filename, files } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0]
  const tarball = join(folder, filename)
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error']
  run('npm', ['install', '--no-save', '--no-package-lock', ...quietly, '--prefix', folder, tarball], folder)
  return { tarball, files }
}

/** The output of a program. Throws with its stderr. */
export function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(error?.message ?? `${stdout}${stderr}`)
  return stdout.trim()
}
