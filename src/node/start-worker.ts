/** Starts worker threads of node:worker_threads where the host has more threads and allows them. */

import { Worker } from 'node:worker_threads'
import { isAddressSpaceLimited } from '../engine/platform.ts'

/** A worker that runs `source`; undefined where it cannot start. It may still fail later, with an event. */
export function startWorker(source: string, workerData?: unknown): Worker | undefined {
  if (isAddressSpaceLimited()) return undefined
  try {
    return new Worker(source, { eval: true, workerData })
  } catch {
    return undefined
  }
}
