/**
 * A worker of the pool: its own instance of the kernels on the engine's memory. It claims pieces of a batch until
 * none is left. `pool.ts` has the protocol; this file stands alone, so that it can run from a string, a blob
 * or a URL, in Node and in browsers.
 */

const { parentPort } = globalThis.process?.getBuiltinModule?.('node:worker_threads') ?? {}
const port = parentPort ?? globalThis

/** The message that started this worker, and its instance of the kernels. */
let own
let kernel

const handle = (message) => {
  switch (message.type) {
    case 'simdinit:start':
      try {
        own = message
        kernel = instantiate(message.memory)
        port.postMessage({ type: 'simdinit:ready' })
      } catch (error) {
        port.postMessage({ type: 'simdinit:failed', reason: String(error) })
      }
      break
    case 'simdinit:fill':
      done(message, fill(message))
      break
    case 'simdinit:orthogonal':
      done(message, own.worker < message.threads ? orthogonal(message) : 0)
  }
}

function done({ id }, steps) {
  port.postMessage({ type: 'simdinit:done', id, steps })
}

function instantiate(memory) {
  return new WebAssembly.Instance(own.module, { env: { memory } }).exports
}

/** The indices of pieces that nobody else has claimed. */
function* claims({ counter }, count) {
  const counts = new Int32Array(own.memory.buffer, counter, 1)
  for (;;) {
    const index = Atomics.add(counts, 0, 1)
    if (index >= count) return
    yield index
  }
}

/** Returns how many pieces it filled. */
function fill(batch) {
  const { job, bytes, address, target, at, first, count, piece } = batch
  const { memory, workspace, staging, stagingBytes } = own
  new Uint32Array(memory.buffer, workspace, job.length).set(job)
  let steps = 0
  for (const index of claims(batch, Math.ceil(count / piece))) {
    steps++
    const start = index * piece
    const end = Math.min(start + piece, count)
    if (!target) {
      kernel.fill(workspace, address + start * bytes, first + start, end - start)
      continue
    }
    for (let from = start; from < end;) {
      // up to the end of a block, so that the next piece need not find its way into one
      const some = Math.min(end - from, stagingBytes / bytes - ((first + from) % kernel.BLOCK.value))
      kernel.fill(workspace, staging, first + from, some)
      target.set(new target.constructor(memory.buffer, staging, some), at + from)
      from += some
    }
  }
  return steps
}

/** A phase of a matrix. Returns how many of its steps it did. */
function orthogonal(batch) {
  const { job, memory, scratch, scratchBytes, panels, strips, phase } = batch
  const { worker, workspace } = own
  const { makePanel, startStrip, reflect, endStrip, PANEL, STRIP } = instantiate(memory)
  const mine = scratch + worker * scratchBytes
  new Uint32Array(memory.buffer, workspace, job.length).set(job)
  let steps = 0
  for (const index of claims(batch, phase === 0 ? panels : strips)) {
    steps++
    if (phase === 0) {
      makePanel(workspace, mine, index)
      continue
    }
    const strip = strips - 1 - index
    startStrip(workspace, mine, strip)
    const reached = Math.min(panels, ((strip + 1) * STRIP.value) / PANEL.value)
    for (let panel = reached - 1; panel >= 0; panel--) reflect(workspace, mine, strip, panel)
    endStrip(workspace, mine, strip)
  }
  return steps
}

if (parentPort) parentPort.on('message', handle)
else globalThis.addEventListener('message', ({ data }) => handle(data))
