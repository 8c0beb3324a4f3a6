/** The package as npm would publish it, packed, and installed from its tarball as a user has it. Needs a built dist/. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Makes `folder` anew, with nothing but the package installed. Returns the tarball, and what npm says is in it. */
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

/** What a program prints. Throws what it complains of. */
export function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(error?.message ?? `${stdout}${stderr}`)
  return stdout.trim()
}
