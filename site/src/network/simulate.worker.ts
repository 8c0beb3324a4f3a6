/** `simulateForward` beside the page. One message asks, or ends what was asked; one answers. */

import { createEngine, simulateNetwork, type Engine } from 'simdinit'
import type { SimulationResponse, SimulationRequest } from './simulate-client.ts'

// the library lets its host breathe after each layer, by this where there is it: timers of a worker rest for 4 ms
const resumeQueue: (() => void)[] = []
const { port1, port2 } = new MessageChannel()
port1.addEventListener('message', () => resumeQueue.shift()?.())
port1.start()
Object.assign(globalThis, {
  setImmediate(resume: () => void) {
    resumeQueue.push(resume)
    port2.postMessage(0)
  },
})

let engine: Promise<Engine> | undefined
let running: { id: number; abort: AbortController } | undefined

addEventListener('message', ({ data }: MessageEvent<SimulationRequest>) => {
  if ('stop' in data) {
    if (running?.id === data.stop) running.abort.abort()
  } else void handleRequest(data)
})

async function handleRequest({
  id,
  strategy,
  options,
}: Exclude<SimulationRequest, { stop: number }>): Promise<void> {
  const abort = new AbortController()
  running = { id, abort }
  let told: SimulationResponse
  try {
    engine ??= createEngine({ threads: 1 })
    const [made, { signal }] = [await engine, abort]
    told = {
      id,
      info: made.info,
      layers: await simulateNetwork(strategy, { ...options, engine: made, signal }),
    }
  } catch (error) {
    told = { id, error: error instanceof Error ? error.message : String(error) }
  }
  postMessage(told)
}
