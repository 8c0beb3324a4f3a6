/**
 * Runs simulations one at a time in a worker, so that the page stays responsive, or on the page if no worker can start.
 * Results are cached, so that a strategy that is deselected and selected again appears at once.
 */

import type { ActivationName, EngineInfo, LayerStats, Strategy } from 'simdinit'
import { engineInfo } from '../engine.ts'

export interface Network {
  readonly depth: number
  readonly width: number
  readonly samples: number
  readonly activation: ActivationName
  readonly seed: number
}

export type SimulationRequest = { id: number; strategy: Strategy; options: Network } | { stop: number }
export type SimulationResponse =
  | { id: number; layers: LayerStats[]; info: EngineInfo }
  | { id: number; error: string }

const MAX_CACHED_RESULTS = 200
const cache = new Map<string, LayerStats[]>()

let worker: Worker | undefined
let isWorkerUnavailable = false
let requestCount = 0

export async function simulate(
  strategy: Strategy,
  options: Network,
  signal: AbortSignal,
): Promise<LayerStats[]> {
  signal.throwIfAborted()
  const key = JSON.stringify([strategy, options])
  const layers = cache.get(key) ?? (await requestSimulation(strategy, options, signal))
  cache.delete(key) // keeps the newest last
  cache.set(key, layers)
  if (cache.size > MAX_CACHED_RESULTS) cache.delete(cache.keys().next().value!)
  return layers
}

async function requestSimulation(
  strategy: Strategy,
  options: Network,
  signal: AbortSignal,
): Promise<LayerStats[]> {
  if (!isWorkerUnavailable) {
    const layers = await simulateInWorker({ id: ++requestCount, strategy, options }, signal)
    if (layers) return layers
    isWorkerUnavailable = true
  }
  const { simulateNetwork } = await import('simdinit')
  return simulateNetwork(strategy, { ...options, signal })
}

/** Returns undefined if the worker itself fails. */
function simulateInWorker(
  request: Exclude<SimulationRequest, { stop: number }>,
  signal: AbortSignal,
): Promise<LayerStats[] | undefined> {
  const finished = new AbortController()
  const options = { signal: finished.signal }
  try {
    worker ??= new Worker(new URL('./simulate.worker.ts', import.meta.url), { type: 'module' })
  } catch {
    return Promise.resolve(undefined)
  }
  const target = worker
  return new Promise<LayerStats[] | undefined>((resolve, reject) => {
    target.addEventListener('error', () => resolve(undefined), options)
    target.addEventListener(
      'message',
      ({ data }: MessageEvent<SimulationResponse>) => {
        if (data.id !== request.id) return
        if ('layers' in data) {
          engineInfo.value ??= data.info
          resolve(data.layers)
        } else reject(signal.aborted ? signal.reason : new Error(data.error))
      },
      options,
    )
    signal.addEventListener(
      'abort',
      () => target.postMessage({ stop: request.id } satisfies SimulationRequest),
      options,
    )
    target.postMessage(request)
  }).finally(() => finished.abort())
}
