/**
 * Where the bytes of a file go, so that nothing half-written ever has its final name:
 *
 *   a file that a person chose    written beside it by the browser, and put in its place when it is closed
 *   a folder that he chose        the same for each file; what this run has made is removed if it does not end well
 *   the site's own storage        then it is downloaded from there
 *   memory, where that is missing for what is small enough
 */

import { ProblemError } from './problem.ts'

export type SaveTarget =
  | { readonly kind: 'file'; readonly handle: FileSystemFileHandle }
  | { readonly kind: 'folder'; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: 'download' }

/** A file that is being written, from its first byte to its last. */
export interface FileWriter {
  write(bytes: Uint8Array, position: number): void | Promise<void>
  /** Gives it its name, and gives the file itself. */
  finish(): Promise<Blob>
  /** Leaves nothing of it. */
  abort(): Promise<void>
}

export interface Destination {
  open(name: string, bytes: number): Promise<FileWriter>
  /** Removes the files that have been finished. */
  rollback(): Promise<void>
}

/** Methods that some browsers have, and that there are in workers alone. */
type RemovableHandle = FileSystemFileHandle & { remove?(): Promise<void> }
type SyncAccessFileHandle = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array, options: { at: number }): number
    flush(): void
    close(): void
  }>
}

export async function openDestination(
  place: SaveTarget,
  names: readonly string[],
  bytes: number,
): Promise<Destination> {
  if (place.kind === 'file') return createFileDestination(place.handle)
  return place.kind === 'folder'
    ? createFolderDestination(place.handle, names)
    : createStorageDestination(bytes)
}

function createFileDestination(handle: RemovableHandle): Destination {
  return {
    async open() {
      const { size } = await handle.getFile()
      const opened = await openWriter(handle)
      const abandon = async () => {
        await opened.abort()
        if (size === 0) await handle.remove?.().catch(() => {}) // the dialog has made it
      }
      return { ...opened, abort: abandon }
    },
    rollback: async () => {},
  }
}

async function createFolderDestination(
  folder: FileSystemDirectoryHandle,
  names: readonly string[],
): Promise<Destination> {
  for (const name of names) {
    const there = await folder.getFileHandle(name).catch(() => undefined)
    if (there) throw new ProblemError({ code: 'exists', name })
  }
  const made: string[] = []
  return {
    async open(name) {
      made.push(name)
      return openWriter(await folder.getFileHandle(name, { create: true }))
    },
    async rollback() {
      for (const name of made) await folder.removeEntry(name).catch(() => {})
    },
  }
}

/** Bytes that are handed to the browser at a time: the way there takes longer for many small pieces. */
const WRITE_CHUNK_BYTES = 2 ** 24

/** A browser writes what comes into a file of its own, which takes the place of this one when it is closed. */
async function openWriter(handle: FileSystemFileHandle): Promise<FileWriter> {
  const writable = await handle.createWritable()
  let piece = new Uint8Array(WRITE_CHUNK_BYTES)
  let filled = 0
  let underWay = Promise.resolve()
  const handOver = async () => {
    await underWay
    underWay = writable.write(piece.subarray(0, filled))
    underWay.catch(() => {}) // reported where it is awaited
    piece = new Uint8Array(WRITE_CHUNK_BYTES)
    filled = 0
  }
  return {
    // in order; and copied, since shared memory is refused there
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const some = bytes.subarray(at, at + WRITE_CHUNK_BYTES - filled)
        piece.set(some, filled)
        filled += some.length
        at += some.length
        if (filled === WRITE_CHUNK_BYTES) await handOver()
      }
    },
    async finish() {
      await handOver()
      await underWay
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
  if (bytes > quota - usage) throw new ProblemError({ code: 'noStorage', need: bytes, most: quota - usage })
  const made: string[] = []
  return {
    async open() {
      const name = `${TEMP_PREFIX}${crypto.randomUUID()}`
      void navigator.locks.request(name, () => new Promise(() => {})) // for as long as this page is there
      made.push(name)
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
      for (const name of made) await root.removeEntry(name).catch(() => {})
    },
  }
}

/** The site's own storage, rid of what pages have left that are gone. Private windows may have none. */
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

/** An eighth of what the machine says to have, or of 4 GB where it does not say. */
function createMemoryDestination(bytes: number): Destination {
  const { deviceMemory = 4 } = navigator as { deviceMemory?: number }
  const most = (deviceMemory / 8) * 2 ** 30
  if (bytes > most) throw new ProblemError({ code: 'noMemory', need: bytes, most })
  return {
    async open() {
      const pieces: Blob[] = [] // whose bytes are the browser's to hold
      return {
        write: (bytes) => void pieces.push(new Blob([bytes.slice()])),
        finish: async () => new Blob(pieces),
        abort: async () => void pieces.splice(0),
      }
    },
    rollback: async () => {},
  }
}
