/**
 * Files that appear under their final name only when they are complete: written to a temporary file in the same
 * folder, synced and renamed, after which the folder is synced. A crash leaves a temporary file, which the next run
 * removes.
 */

import { existsSync, fdatasync, fsync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MANIFEST_FILE } from '../models/index.ts'
import { createEvictor } from './page-cache.ts'
import { nameFile } from './system-error.ts'
import { releaseTempPath, reserveTempPath } from './temp-files.ts'

/** A single write beyond 2 GiB fails on every platform. */
const MAX_WRITE_BYTES = 2 ** 26

/**
 * Writes the file `name` of `folder` through `write`, which receives a sink. Resolves when the file is durable. With
 * `cache: false` the written bytes leave the page cache once they are on the disk.
 *
 * A missing temporary file is not an error in a finished folder: another run of the plan has completed it and
 * removed what was left.
 */
export async function writeFileAtomic(
  folder: string,
  name: string,
  plan: string,
  write: (sink: (bytes: Uint8Array, position: number) => Promise<void>) => Promise<void>,
  cache = true,
): Promise<void> {
  const tempPath = reserveTempPath(folder, name, plan)
  const file = await open(tempPath, 'wx').catch((error: unknown) => {
    releaseTempPath(tempPath)
    throw Object.assign(error as Error, { path: join(folder, name) }) // not the temporary name
  })
  try {
    const syncedFile = new SyncedFile(file, cache ? () => {} : createEvictor(file.fd))
    try {
      await write((bytes, position) => syncedFile.write(bytes, position))
      await syncedFile.sync()
    } finally {
      await syncedFile.close()
    }
    await rename(tempPath, join(folder, name))
  } catch (error) {
    await rm(tempPath, { force: true }).catch(() => {}) // the first error counts
    const wasRemovedByOtherRun =
      (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(join(folder, MANIFEST_FILE))
    if (!wasRemovedByOtherRun) throw nameFile(join(folder, name), error)
  } finally {
    releaseTempPath(tempPath)
  }
  await syncFolder(folder)
}

/** Characters of text that are encoded and written at a time. */
const TEXT_CHUNK_CHARS = 2 ** 20

/** Writes a text file from a string or from lines. */
export function writeTextAtomic(
  folder: string,
  name: string,
  plan: string,
  text: string | Iterable<string>,
): Promise<void> {
  return writeFileAtomic(folder, name, plan, async (sink) => {
    let position = 0
    let chunk = ''
    const flush = async () => {
      const bytes = new TextEncoder().encode(chunk)
      await sink(bytes, position)
      position += bytes.length
      chunk = ''
    }
    for (const line of typeof text === 'string' ? [text] : text) {
      chunk += line
      if (chunk.length >= TEXT_CHUNK_CHARS) await flush()
    }
    await flush()
  })
}

/** A sync starts whenever this many bytes have been written since the last one. */
const SYNC_INTERVAL_BYTES = 2 ** 24

/**
 * A file that is synced while it is written, so that little is left to wait for at the end. The system reports a disk
 * error to one sync only, whichever comes next; every such error fails the write.
 */
class SyncedFile {
  private readonly file: FileHandle
  private readonly onSynced: () => void
  private unsyncedBytes = 0
  private pendingSync: Promise<void> | undefined
  private failure: unknown

  constructor(file: FileHandle, onSynced: () => void) {
    this.file = file
    this.onSynced = onSynced
  }

  /** Writes all bytes, although a single write of the system may be short. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const length = Math.min(MAX_WRITE_BYTES, bytes.length - done)
      const { bytesWritten } = await this.file.write(bytes, done, length, position + done)
      done += bytesWritten
    }
    this.unsyncedBytes += bytes.length
    if (this.unsyncedBytes >= SYNC_INTERVAL_BYTES && !this.pendingSync) this.startSync()
    if (this.failure) throw this.failure
  }

  /** Resolves when all bytes are on the disk. */
  async sync(): Promise<void> {
    await this.pendingSync
    if (this.failure) throw this.failure
    await syncFile(this.file, 'sync')
    this.onSynced()
  }

  async close(): Promise<void> {
    await this.pendingSync
    await this.file.close()
  }

  private startSync(): void {
    this.unsyncedBytes = 0
    this.pendingSync = syncFile(this.file, 'datasync')
      .then(this.onSynced)
      .catch((error: unknown) => void (this.failure = error))
      .finally(() => (this.pendingSync = undefined))
  }
}

const SYNC_BY_NUMBER = { sync: promisify(fsync), datasync: promisify(fdatasync) }

/** Syncs an open file. The handles of Yarn Plug'n'Play only throw; errors of the disk name a system call. */
async function syncFile(file: FileHandle, method: 'sync' | 'datasync'): Promise<void> {
  try {
    await file[method]()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error
    await SYNC_BY_NUMBER[method](file.fd)
  }
}

/** Makes a rename durable. Windows has no such operation. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await syncFile(handle, 'sync')
  } catch (error) {
    throw nameFile(folder, error)
  } finally {
    await handle.close()
  }
}
