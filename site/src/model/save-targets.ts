/**
 * Where the bytes of a file are written. An unfinished file never has its final name:
 *
 *   a file that a person chooses      the browser writes a temporary file, which replaces the chosen one when it is closed
 *   a folder that a person chooses    the same for each file; a run that fails removes its files
 *   the storage of the site           the file is downloaded from there
 *   memory                            if there is no such storage and the file is small enough
 */

import { ProblemError } from './problem.ts'

export type SaveTarget =
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: 'download' }

/** Writes a file from its first byte to its last. */
export interface FileWriter {
  write(bytes: Uint8Array, position: number): void | Promise<void>
  /** Gives the file its name and returns it. */
  finish(): Promise<Blob>
  /** Removes what was written. */
  abort(): Promise<void>
}

export interface Destination {
  open(name: string, bytes: number): Promise<FileWriter>
  /** Removes the finished files. */
  rollback(): Promise<void>
}

/** Methods that only some browsers have, and only in workers. */
type RemovableHandle = FileSystemFileHandle & { remove?(): Promise<void> }
type SyncAccessFileHandle = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array, options: { at: number }): number
    flush(): void
    close(): void
  }>
}

export async function openDestination(
  target: SaveTarget,
  names: readonly string[],
  bytes: number,
): Promise<Destination> {
  if (target.kind === 'file') return createFileDestination(target.handle)
  return target.kind === 'folder'
    ? createFolderDestination(target.handle, names)
    : createStorageDestination(bytes)
}

function createFileDestination(handle: RemovableHandle): Destination {
  return {
    async open() {
      const { size } = await handle.getFile()
      const writer = await openWriter(handle)
      const abandon = async () => {
        await writer.abort()
        if (size === 0) await handle.remove?.().catch(() => {}) // the dialog created it
      }
      return { ...writer, abort: abandon }
    },
    rollback: async () => {},
  }
}

async function createFolderDestination(
  folder: FileSystemDirectoryHandle,
  names: readonly string[],
): Promise<Destination> {
  for (const name of names) {
    const existing = await folder.getFileHandle(name).catch(() => undefined)
    if (existing) throw new ProblemError({ code: 'exists', name })
  }
  const created: string[] = []
  return {
    async open(name) {
      created.push(name)
      return openWriter(await folder.getFileHandle(name, { create: true }))
    },
    async rollback() {
      for (const name of created) await folder.removeEntry(name).catch(() => {})
    },
  }
}

/** Bytes of one write: many small writes would be slower. */
const WRITE_CHUNK_BYTES = 2 ** 24

/** Writes to a temporary file of the browser, which replaces this one when it is closed. */
async function openWriter(handle: FileSystemFileHandle): Promise<FileWriter> {
  const writable = await handle.createWritable()
  let buffer = new Uint8Array(WRITE_CHUNK_BYTES)
  let filled = 0
  let pendingWrite = Promise.resolve()
  const flush = async () => {
    await pendingWrite
    pendingWrite = writable.write(buffer.subarray(0, filled))
    pendingWrite.catch(() => {}) // reported where it is awaited
    buffer = new Uint8Array(WRITE_CHUNK_BYTES)
    filled = 0
  }
  return {
    // copies, because the browser refuses shared memory
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + WRITE_CHUNK_BYTES - filled)
        buffer.set(part, filled)
        filled += part.length
        at += part.length
        if (filled === WRITE_CHUNK_BYTES) await flush()
      }
    },
    async finish() {
      await flush()
      await pendingWrite
      await writable.close()
      return handle.getFile()
    },
    abort: () => writable.abort().catch(() => {}),
  }
}

const TEMP_PREFIX = 'simdinit-'

async function createStorageDestination(bytes: number): Promise<Destination> {
  const root = await openStorage()
  if (!root) return createMemoryDestination(bytes)
  const { quota = Infinity, usage = 0 } = await navigator.storage.estimate()
  if (bytes > quota - usage) throw new ProblemError({ code: 'noStorage', needed: bytes, max: quota - usage })
  const created: string[] = []
  return {
    async open() {
      const name = `${TEMP_PREFIX}${crypto.randomUUID()}`
      void navigator.locks.request(name, () => new Promise(() => {})) // held as long as this page exists
      created.push(name)
      const handle = (await root.getFileHandle(name, { create: true })) as SyncAccessFileHandle
      const file = await handle.createSyncAccessHandle()
      return {
        write(bytes, at) {
          if (file.write(bytes, { at }) < bytes.length) throw new ProblemError({ code: 'noRoom' })
        },
        async finish() {
          file.flush()
          file.close()
          return handle.getFile()
        },
        async abort() {
          file.close()
          await root.removeEntry(name).catch(() => {})
        },
      }
    },
    async rollback() {
      for (const name of created) await root.removeEntry(name).catch(() => {})
    },
  }
}

/** The storage of the site, without the files of closed pages. Private windows may have none. */
async function openStorage(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory()
    if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return undefined
    const { held = [] } = await navigator.locks.query()
    const alive = new Set(held.map(({ name }) => name))
    for await (const name of root.keys()) {
      if (name.startsWith(TEMP_PREFIX) && !alive.has(name)) await root.removeEntry(name).catch(() => {})
    }
    return root
  } catch {
    return undefined
  }
}

/** Uses at max an eighth of the memory that the browser reports, or of 4 GB if it reports none. */
function createMemoryDestination(bytes: number): Destination {
  const { deviceMemory = 4 } = navigator as { deviceMemory?: number }
  const max = (deviceMemory / 8) * 2 ** 30
  if (bytes > max) throw new ProblemError({ code: 'noMemory', needed: bytes, max })
  return {
    async open() {
      const pieces: Blob[] = [] // the browser holds their bytes
      return {
        write: (bytes) => void pieces.push(new Blob([bytes.slice()])),
        finish: async () => new Blob(pieces),
        abort: async () => void pieces.splice(0),
      }
    },
    rollback: async () => {},
  }
}
