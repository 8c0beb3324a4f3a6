/**
 * Temporary files and claims in an output folder. Both are named
 *
 *   .<name>.<plan>.<host>-<process>-<count>.tmp
 *
 * A claim is an empty file of this kind that exists while a run works in the folder. Runs of the same plan may work
 * in one folder at the same time, since they write the same bytes; runs of different plans may not.
 */

import { createHash } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Identifies the machine, so that its runs leave the temporary files of other machines alone. Never written into a file. */
const hostId = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const TEMP_NAME_PATTERN = /^\.(.+)\.([0-9a-f]{8})\.([0-9a-f]{8})-(\d+)-\d+\.tmp$/

const CLAIM_NAME = 'simdinit'

/** Paths that this process is using. */
const ownTempFiles = new Set<string>()
let tempFileCount = 0

/** Reserves the path of a temporary file for `name`; call `releaseTempPath` when the file is gone. */
export function reserveTempPath(folder: string, name: string, plan: string): string {
  const path = join(folder, `.${name}.${plan}.${hostId}-${process.pid}-${tempFileCount++}.tmp`)
  ownTempFiles.add(path)
  return path
}

export function releaseTempPath(path: string): void {
  ownTempFiles.delete(path)
}

export function isTempName(name: string): boolean {
  return TEMP_NAME_PATTERN.test(name)
}

/** Marks the folder as in use by a run of `plan`. Returns a function that removes the mark. */
export function claimFolder(folder: string, plan: string): () => void {
  const path = reserveTempPath(folder, CLAIM_NAME, plan)
  writeFileSync(path, '', { flag: 'wx' })
  return () => {
    rmSync(path, { force: true })
    releaseTempPath(path)
  }
}

/** The name of a temporary file of another plan whose run may still be alive, if there is one. */
export function findConflictingRun(folder: string, plan: string): string | undefined {
  removeStaleTempFiles(folder)
  return listTempFiles(folder).find((file) => file.plan !== plan)?.name
}

/** Removes what unfinished runs of `plan` left in a finished folder, except the claims of other machines. */
export function removeTempFiles(folder: string, plan: string): void {
  removeStaleTempFiles(folder)
  for (const file of listTempFiles(folder)) {
    if (file.plan === plan && file.target !== CLAIM_NAME && !ownTempFiles.has(file.path)) {
      rmSync(file.path, { force: true })
    }
  }
}

/** Removes the temporary files of processes of this machine that have died. */
function removeStaleTempFiles(folder: string): void {
  for (const { path, host, pid } of listTempFiles(folder)) {
    if (host !== hostId) continue
    const inUse = pid === process.pid ? ownTempFiles.has(path) : isRunning(pid)
    if (!inUse) rmSync(path, { force: true })
  }
}

function listTempFiles(folder: string) {
  return readdirSync(folder).flatMap((name) => {
    const [, target, plan, host, pid] = TEMP_NAME_PATTERN.exec(name) ?? []
    return target === undefined
      ? []
      : { name, path: join(folder, name), target, plan, host, pid: Number(pid) }
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
