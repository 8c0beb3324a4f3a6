/**
 * The engine of the page: one for all parts, made when the first of them asks. `engineInfo` says what it is; a worker
 * is a file of the site, so that a policy need not allow blobs.
 */

import { signal } from '@preact/signals'
import type { Engine, EngineInfo } from 'simdinit'

export const engineInfo = signal<EngineInfo | undefined>(undefined)

const createWorker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })

let enginePromise: Promise<Engine> | undefined

/** The kernels are loaded here, and not before. */
export function getEngine(): Promise<Engine> {
  return (enginePromise ??= createSharedEngine())
}

async function createSharedEngine(): Promise<Engine> {
  const { createEngine } = await import('simdinit')
  const engine = await createEngine({ worker: createWorker })
  engineInfo.value = engine.info
  return engine
}

/** To be called after a fill: threads may have failed, and then `info` says so. */
export async function refreshEngineInfo(): Promise<void> {
  const engine = await getEngine()
  engineInfo.value = engine.info
}
