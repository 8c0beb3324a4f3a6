/**
 * A worker of the pool, with its own instance of the kernels on the engine's memory. It claims steps of a batch until
 * none is left. `worker-pool.ts` has the protocol. This file imports nothing, so that it can run from a string, a blob
 * or a URL, in Node and in browsers.
 */

const { parentPort } = globalThis.process?.getBuiltinModule?.('node:worker_threads') ?? {}
const port = parentPort ?? globalThis

/** The message that started this worker, and its instance of the kernels. */
let startMessage
let kernel

const handleMessage = (message) => {
  switch (message.type) {
    case 'simdinit:start':
      try {
        startMessage = message
        kernel = instantiate(message.memory)
        port.postMessage({ type: 'simdinit:ready' })
      } catch (error) {
        port.postMessage({ type: 'simdinit:failed', reason: String(error) })
      }
      break
    case 'simdinit:fill':
      reportDone(message, runFill(message))
      break
    case 'simdinit:orthogonal':
      reportDone(message, startMessage.worker < message.threads ? runOrthogonal(message) : 0)
  }
}

function reportDone({ id }, steps) {
  port.postMessage({ type: 'simdinit:done', id, steps })
}

function instantiate(memory) {
  return new WebAssembly.Instance(startMessage.module, { env: { memory } }).exports
}

/** Claims steps until none is left; yields their indices. */
function* claimIndices({ counter }, count) {
  const nextStep = new Int32Array(startMessage.memory.buffer, counter, 1)
  for (;;) {
    const index = Atomics.add(nextStep, 0, 1)
    if (index >= count) return
    yield index
  }
}

/** Fills chunks of an element range. Returns how many. */
function runFill(batch) {
  const { job, elementBytes, address, target, targetOffset, first, count, chunkSize } = batch
  const { memory, workspace, staging, stagingBytes } = startMessage
  new Uint32Array(memory.buffer, workspace, job.length).set(job)
  let steps = 0
  for (const index of claimIndices(batch, Math.ceil(count / chunkSize))) {
    steps++
    const start = index * chunkSize
    const end = Math.min(start + chunkSize, count)
    if (!target) {
      kernel.fill(workspace, address + start * elementBytes, first + start, end - start)
      continue
    }
    for (let from = start; from < end;) {
      // parts end where blocks do, so that the next one need not skip draws
      const blockOffset = (first + from) % kernel.BLOCK_SIZE.value
      const length = Math.min(end - from, stagingBytes / elementBytes - blockOffset)
      kernel.fill(workspace, staging, first + from, length)
      target.set(new target.constructor(memory.buffer, staging, length), targetOffset + from)
      from += length
    }
  }
  return steps
}

/** Runs steps of a phase of a matrix. Returns how many. */
function runOrthogonal(batch) {
  const { job, memory, scratch, scratchBytes, panels, strips, phase } = batch
  const { worker, workspace } = startMessage
  const { makePanel, initStrip, applyPanel, storeStrip, PANEL_WIDTH, STRIP_WIDTH } = instantiate(memory)
  const ownScratch = scratch + worker * scratchBytes
  new Uint32Array(memory.buffer, workspace, job.length).set(job)
  let steps = 0
  for (const index of claimIndices(batch, phase === 0 ? panels : strips)) {
    steps++
    if (phase === 0) {
      makePanel(workspace, ownScratch, index)
      continue
    }
    const strip = strips - 1 - index
    initStrip(workspace, ownScratch, strip)
    const panelCount = Math.min(panels, ((strip + 1) * STRIP_WIDTH.value) / PANEL_WIDTH.value)
    for (let panel = panelCount - 1; panel >= 0; panel--) applyPanel(workspace, ownScratch, strip, panel)
    storeStrip(workspace, ownScratch, strip)
  }
  return steps
}

if (parentPort) parentPort.on('message', handleMessage)
else globalThis.addEventListener('message', ({ data }) => handleMessage(data))
