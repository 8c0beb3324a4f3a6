/**
 * Simulations, one at a time, in a worker, so that the page stays fluid; here, layer by layer, where there can be no
 * worker. What was found is kept: a strategy that is taken away and comes back is there at once.
 */

import type { ActivationName, EngineInfo, LayerSpread, Strategy } from 'simdinit'
import { engineInfo } from '../engine.ts'

export interface Network {
  readonly depth: number
  readonly width: number
  readonly samples: number
  readonly activation: ActivationName
  readonly seed: number
}

export type Question = { id: number; strategy: Strategy; options: Network } | { stop: number }
export type Answer = { id: number; layers: LayerSpread[]; info: EngineInfo } | { id: number; error: string }

const KEPT = 200
const found = new Map<string, LayerSpread[]>()

let worker: Worker | undefined
let noWorker = false
let asked = 0

export async function simulate(
  strategy: Strategy,
  options: Network,
  signal: AbortSignal,
): Promise<LayerSpread[]> {
  signal.throwIfAborted()
  const key = JSON.stringify([strategy, options])
  const layers = found.get(key) ?? (await ask(strategy, options, signal))
  found.delete(key) // the newest are last
  found.set(key, layers)
  if (found.size > KEPT) found.delete(found.keys().next().value!)
  return layers
}

async function ask(strategy: Strategy, options: Network, signal: AbortSignal): Promise<LayerSpread[]> {
  if (!noWorker) {
    const layers = await inWorker({ id: ++asked, strategy, options }, signal)
    if (layers) return layers
    noWorker = true
  }
  const { simulateForward } = await import('simdinit')
  return simulateForward(strategy, { ...options, signal })
}

/** Undefined if the worker itself fails. */
function inWorker(
  question: Exclude<Question, { stop: number }>,
  signal: AbortSignal,
): Promise<LayerSpread[] | undefined> {
  const over = new AbortController()
  const listening = { signal: over.signal }
  try {
    worker ??= new Worker(new URL('./simulate.worker.ts', import.meta.url), { type: 'module' })
  } catch {
    return Promise.resolve(undefined)
  }
  const here = worker
  return new Promise<LayerSpread[] | undefined>((resolve, reject) => {
    here.addEventListener('error', () => resolve(undefined), listening)
    here.addEventListener(
      'message',
      ({ data }: MessageEvent<Answer>) => {
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
      () => here.postMessage({ stop: question.id } satisfies Question),
      listening,
    )
    here.postMessage(question)
  }).finally(() => over.abort())
}
