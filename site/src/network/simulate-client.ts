/**
 * Simulations, one at a time, in a worker, so that the page stays fluid; here, layer by layer, where there can be no
 * worker. What was found is kept: a strategy that is taken away and comes back is there at once.
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
  cache.delete(key) // the newest are last
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

/** Undefined if the worker itself fails. */
function simulateInWorker(
  question: Exclude<SimulationRequest, { stop: number }>,
  signal: AbortSignal,
): Promise<LayerStats[] | undefined> {
  const over = new AbortController()
  const listening = { signal: over.signal }
  try {
    worker ??= new Worker(new URL('./simulate.worker.ts', import.meta.url), { type: 'module' })
  } catch {
    return Promise.resolve(undefined)
  }
  const here = worker
  return new Promise<LayerStats[] | undefined>((resolve, reject) => {
    here.addEventListener('error', () => resolve(undefined), listening)
    here.addEventListener(
      'message',
      ({ data }: MessageEvent<SimulationResponse>) => {
        if (data.id !== question.id) return
        if ('layers' in data) {
          engineInfo.value ??= data.info
          resolve(data.layers)
        } else reject(signal.aborted ? signal.reason : new Error(data.error))
      },
      listening,
    )
    signal.addEventListener(
      'abort',
      () => here.postMessage({ stop: question.id } satisfies SimulationRequest),
      listening,
    )
    here.postMessage(question)
  }).finally(() => over.abort())
}
