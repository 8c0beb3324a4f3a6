/** Runs `simulateNetwork` in a worker. A message starts or stops a simulation; another one brings its result. */

import { createEngine, simulateNetwork, type Engine } from 'simdinit'
import type { SimulationResponse, SimulationRequest } from './simulate-client.ts'

// the library yields after each layer with setImmediate if it exists; timers of a worker would wait for 4 ms
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
  let response: SimulationResponse
  try {
    engine ??= createEngine({ threads: 1 })
    const sharedEngine = await engine
    response = {
      id,
      info: sharedEngine.info,
      layers: await simulateNetwork(strategy, { ...options, engine: sharedEngine, signal: abort.signal }),
    }
  } catch (error) {
    response = { id, error: error instanceof Error ? error.message : String(error) }
  }
  postMessage(response)
}
