/**
 * The engine of the page, shared by all parts and created on first use. Its worker is a file of the site, so that a
 * content security policy does not need to allow blobs.
 */

import { signal } from '@preact/signals'
import type { Engine, EngineInfo } from 'simdinit'

export const engineInfo = signal<EngineInfo | undefined>(undefined)

const createWorker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })

let enginePromise: Promise<Engine> | undefined

/** Loads the library and its kernels on the first call. */
export function getEngine(): Promise<Engine> {
  return (enginePromise ??= createSharedEngine())
}

async function createSharedEngine(): Promise<Engine> {
  const { createEngine } = await import('simdinit')
  const engine = await createEngine({ worker: createWorker })
  engineInfo.value = engine.info
  return engine
}

/** Updates `engineInfo` after a fill, because a thread may have failed. */
export async function refreshEngineInfo(): Promise<void> {
  const engine = await getEngine()
  engineInfo.value = engine.info
}
