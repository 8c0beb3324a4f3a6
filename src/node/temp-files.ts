/**
 * Temporary files and claims in an output folder. Both are named
 *
 *   .<name>.<plan>.<lock domain>-<process>-<count>.tmp
 *
 * where `process` is random. A claim exists while a run works in the folder; it is a lock, or an empty file where
 * locks are not possible. Runs of the same plan may work in one folder at the same time, since they write the same
 * bytes; runs of different plans may not.
 */

import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createLock, getLockDomain, isAbandoned } from './run-lock.ts'

const TEMP_NAME_PATTERN = /^\.(.+)\.([0-9a-f]{8})\.([0-9a-f]{8})-([0-9a-f]+)-\d+\.tmp$/

const CLAIM_NAME = 'simdinit'

/** Distinguishes this process from all others. Containers repeat host names and process numbers. */
const processId = randomBytes(8).toString('hex')

/** Names of the files that this process is using. Not paths: a folder may have several. */
const ownTempFiles = new Set<string>()
let tempFileCount = 0

interface TempFile {
  readonly name: string
  readonly path: string
  readonly target: string
  readonly plan: string
  readonly domain: string
  readonly process: string
}

/** Reserves the path of a temporary file for `name`; call `releaseTempPath` when the file is gone. */
export function reserveTempPath(folder: string, name: string, plan: string): string {
  const tempName = `.${name}.${plan}.${getLockDomain(folder)}-${processId}-${tempFileCount++}.tmp`
  ownTempFiles.add(tempName)
  return join(folder, tempName)
}

export function releaseTempPath(path: string): void {
  ownTempFiles.delete(basename(path))
}

export function isTempName(name: string): boolean {
  return TEMP_NAME_PATTERN.test(name)
}

/** Marks the folder as in use by a run of `plan`. Returns a function that removes the mark and never throws. */
export async function claimFolder(folder: string, plan: string): Promise<() => void> {
  const path = reserveTempPath(folder, CLAIM_NAME, plan)
  const setupPath = reserveTempPath(folder, CLAIM_NAME, plan)
  const unlock = await createLock(path, setupPath)
  releaseTempPath(setupPath)
  if (!unlock) writeFileSync(path, '', { flag: 'wx' })
  return () => {
    tryRemove(path)
    unlock?.()
    releaseTempPath(path)
  }
}

/** A pattern of the temporary files of another plan, if there are any: their run may still be alive. */
export function findConflictingRun(folder: string, plan: string): string | undefined {
  const file = listTempFiles(folder).find((file) => file.plan !== plan)
  return file && `.*.${file.plan}.*.tmp`
}

/** Removes what unfinished runs of `plan` left in a finished folder, except the claims of runs that may be alive. */
export async function removeTempFiles(folder: string, plan: string): Promise<void> {
  await removeStaleTempFiles(folder)
  for (const file of listTempFiles(folder)) {
    if (file.plan === plan && file.target !== CLAIM_NAME && !ownTempFiles.has(file.name)) tryRemove(file.path)
  }
}

/** Removes the temporary files of processes that have surely ended. */
export async function removeStaleTempFiles(folder: string): Promise<void> {
  const files = listTempFiles(folder)
  if (files.length === 0) return
  const domain = getLockDomain(folder)
  const otherProcesses = files.map((file) => file.process).filter((process) => process !== processId)
  const endedProcesses = await findEndedProcesses(folder, new Set(otherProcesses))
  for (const file of files) {
    if (file.domain !== domain) continue
    const isStale =
      file.process === processId ? !ownTempFiles.has(file.name) : endedProcesses.has(file.process)
    if (isStale) tryRemove(file.path)
  }
}

/**
 * The processes without a claim that may be held. A process claims the folder before it creates a file in it, so the
 * claims are listed after the files that named the processes.
 */
async function findEndedProcesses(folder: string, processes: ReadonlySet<string>): Promise<Set<string>> {
  const ended = new Set(processes)
  for (const { path, target, process } of listTempFiles(folder)) {
    if (target === CLAIM_NAME && ended.has(process) && !(await isAbandoned(path))) ended.delete(process)
  }
  return ended
}

function listTempFiles(folder: string): TempFile[] {
  return readdirSync(folder).flatMap((name) => {
    const [, target, plan, domain, process] = TEMP_NAME_PATTERN.exec(name) ?? []
    return target === undefined ? [] : { name, path: join(folder, name), target, plan, domain, process }
  })
}

/** Leaves a file that cannot be removed, such as one of another user. */
function tryRemove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // it blocks no other run, because names are unique
  }
}
