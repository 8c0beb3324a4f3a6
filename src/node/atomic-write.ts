/**
 * Files that are either whole under their own name or not there: written under a temporary name beside it,
 * synced, renamed, and the folder synced. A crash leaves a temporary file, which the next run removes.
 *
 *   .<name>.<plan>.<host>-<process>-<count>.tmp
 *
 * A claim is such a file without content, there as long as a run is at work in the folder: runs of one plan may
 * work side by side, since they write the same bytes; those of different plans may not.
 */

import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { MANIFEST_FILE } from '../models/index.ts'
import { createEvictor } from './page-cache.ts'

/** No more at a time: a single write beyond 2 GiB fails on every platform. */
const MAX_WRITE_BYTES = 2 ** 26

/** The machine, so that a temporary file of another one is left alone; it never enters a file. */
const hostId = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const TEMP_NAME_PATTERN = /^\.(.+)\.([0-9a-f]{8})\.([0-9a-f]{8})-(\d+)-\d+\.tmp$/

const CLAIM_NAME = 'simdinit'

/** Temporary files of this process that are in use. */
const ownTempFiles = new Set<string>()
let tempFileCount = 0

function createTempName(name: string, plan: string): string {
  return `.${name}.${plan}.${hostId}-${process.pid}-${tempFileCount++}.tmp`
}

/** Is this the name of a temporary file? */
export function isTempName(name: string): boolean {
  return TEMP_NAME_PATTERN.test(name)
}

/**
 * Writes the file `name` of `folder` by way of `write`, to whom a sink is given. Returns when it is durable. It
 * is no failure that the temporary file was swept away: then another run of the plan has finished all of it.
 * Without `cache` what the disk has of it leaves the system's memory.
 */
export async function writeFileAtomic(
  folder: string,
  name: string,
  plan: string,
  write: (sink: (bytes: Uint8Array, position: number) => Promise<void>) => Promise<void>,
  cache = true,
): Promise<void> {
  const temporary = join(folder, createTempName(name, plan))
  ownTempFiles.add(temporary)
  const file = await open(temporary, 'wx')
  try {
    const disk = new SyncedFile(file, cache ? () => {} : createEvictor(file.fd))
    try {
      await write((bytes, position) => disk.write(bytes, position))
      await disk.sync()
    } finally {
      await disk.close()
    }
    await rename(temporary, join(folder, name))
  } catch (error) {
    await rm(temporary, { force: true })
    const wasRemovedByOtherRun =
      (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(join(folder, MANIFEST_FILE))
    if (!wasRemovedByOtherRun) throw error
  } finally {
    ownTempFiles.delete(temporary)
  }
  await syncFolder(folder)
}

/** Characters of a text to write at a time, about. */
const TEXT_CHUNK_CHARS = 2 ** 20

/** Writes a file of text, which may come as lines. */
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

/** Bytes that are written before the disk is asked to keep them. */
const SYNC_INTERVAL_BYTES = 2 ** 24

/**
 * A file whose bytes are on their way to the disk while more are made: at the end few are left to wait for. An error
 * of the disk may be told by any of the syncs, and only once; whichever it is, writing fails.
 */
class SyncedFile {
  private readonly file: FileHandle
  private readonly onSynced: () => void
  private unsyncedBytes = 0
  private pendingSync: Promise<void> | undefined
  private failure: unknown

  constructor(file: FileHandle, synced: () => void) {
    this.file = file
    this.onSynced = synced
  }

  /** A write may be short; this one is not. */
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

  /** Returns when all is on the disk. */
  async sync(): Promise<void> {
    await this.pendingSync
    if (this.failure) throw this.failure
    await this.file.sync()
    this.onSynced()
  }

  async close(): Promise<void> {
    await this.pendingSync
    await this.file.close()
  }

  private startSync(): void {
    this.unsyncedBytes = 0
    this.pendingSync = this.file
      .datasync()
      .then(this.onSynced)
      .catch((error: unknown) => void (this.failure = error))
      .finally(() => (this.pendingSync = undefined))
  }
}

/** Makes a rename durable. Windows knows no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Says that a run of `plan` is at work in the folder; returns what takes it back. */
export function claimFolder(folder: string, plan: string): () => void {
  const path = join(folder, createTempName(CLAIM_NAME, plan))
  ownTempFiles.add(path)
  writeFileSync(path, '', { flag: 'wx' })
  return () => {
    rmSync(path, { force: true })
    ownTempFiles.delete(path)
  }
}

/** The name of a temporary file that belongs to another plan and may be in use, if there is one. */
export function findConflictingRun(folder: string, plan: string): string | undefined {
  removeStaleTempFiles(folder)
  return listTempFiles(folder).find((found) => found.plan !== plan)?.name
}

/** Removes what runs of `plan` left unfinished in a folder where all is done; not the claims of other machines. */
export function removeTempFiles(folder: string, plan: string): void {
  removeStaleTempFiles(folder)
  for (const { of, plan: its, path } of listTempFiles(folder)) {
    if (its === plan && of !== CLAIM_NAME && !ownTempFiles.has(path)) rmSync(path, { force: true })
  }
}

/** Removes the temporary files that a process of this machine left when it died. */
function removeStaleTempFiles(folder: string): void {
  for (const { path, host: its, pid } of listTempFiles(folder)) {
    if (its !== hostId) continue
    const alive = pid === process.pid ? ownTempFiles.has(path) : isRunning(pid)
    if (!alive) rmSync(path, { force: true })
  }
}

function listTempFiles(folder: string) {
  return readdirSync(folder).flatMap((name) => {
    const [, of, plan, host, pid] = TEMP_NAME_PATTERN.exec(name) ?? []
    return of === undefined ? [] : { name, path: join(folder, name), of, plan, host, pid: Number(pid) }
  })
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What lies at a path itself, not where a link leads: its bytes if it is a file; undefined if nothing is there. */
export function getFileSize(path: string): number | 'not a file' | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat && (stat.isFile() ? stat.size : 'not a file')
}
