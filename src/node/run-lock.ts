/**
 * A lock that dies with its holder: a listening Unix socket in a folder. The kernel refuses connections to the socket
 * of a process that has ended, however it ended and in whatever container it ran. Host names and process numbers
 * prove nothing there, since containers repeat both.
 */

import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** The longest path of a socket, on macOS. Some hosts truncate a longer one without an error. */
const MAX_SOCKET_PATH_BYTES = 103

const kernelId = readKernelId()

/**
 * The `type` of file systems on disks, which one kernel at a time can mount: EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
 * BTRFS_SUPER_MAGIC and F2FS_SUPER_MAGIC of linux/magic.h, and ZFS_SUPER_MAGIC of OpenZFS.
 */
const DISK_TYPES = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1])

/**
 * Identifies this kernel and the file system through which it sees the folder. Only a lock of the same domain can be
 * tested: other machines have their own sockets, and so do two mounts of one network share. A file system on a disk is
 * a domain of its own: its locks can be tested even after the machine has restarted.
 */
export function getLockDomain(folder: string): string {
  const isDisk = process.platform === 'linux' && DISK_TYPES.has(statfsSync(folder).type)
  const domain = isDisk ? 'disk' : `${kernelId} ${statSync(folder).dev}`
  return createHash('sha256').update(domain).digest('hex').slice(0, 8)
}

/**
 * Creates a lock at `path` and returns a function that ends it, or returns undefined where this is not possible: on
 * Windows, and on file systems without sockets. `setupPath`, in the same folder, holds the socket until it listens, so
 * that the lock at `path` never looks abandoned.
 */
export async function createLock(path: string, setupPath: string): Promise<(() => void) | undefined> {
  const server = createServer((connection) => connection.destroy())
  try {
    await withSocketPath(setupPath, (socketPath) => listen(server, socketPath))
    renameSync(setupPath, path)
    if ((await probe(path)) !== 'connected') throw new Error('the socket cannot be reached')
    return () => server.close()
  } catch {
    server.close()
    for (const leftover of [path, setupPath]) rmSync(leftover, { force: true })
    return undefined
  }
}

/** Whether the holder of a lock of this domain has surely ended. What is no socket proves nothing. */
export async function isAbandoned(path: string): Promise<boolean> {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return !stat || (stat.isSocket() && (await probe(path)) === 'ECONNREFUSED')
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((onListening, onError) => {
    server.once('error', onError)
    // exclusive: in a worker of node:cluster, the primary process would hold the lock
    server.listen({ path, exclusive: true }, onListening).unref()
  })
}

/** Connects to a socket. Returns 'connected' or the code of the error. */
async function probe(path: string): Promise<string | undefined> {
  try {
    return await withSocketPath(
      path,
      (socketPath) =>
        new Promise((settle) => {
          const socket = connect(socketPath, () => {
            socket.destroy()
            settle('connected')
          })
          socket.on('error', ({ code }: NodeJS.ErrnoException) => settle(code))
        }),
    )
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

/** Passes `use` a path to the same file that is short enough for a socket. */
async function withSocketPath<T>(path: string, use: (socketPath: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return use(path)
  if (process.platform !== 'linux' || process.versions.deno) throw new Error('the path is too long')
  const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return await use(join('/proc/self/fd', `${folder}`, basename(path)))
  } finally {
    closeSync(folder)
  }
}

/** On Linux the boot, which all containers of a kernel share; elsewhere the host. Unique if it cannot be read. */
function readKernelId(): string {
  if (process.platform !== 'linux') return hostname()
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
  } catch {
    return randomUUID()
  }
}
