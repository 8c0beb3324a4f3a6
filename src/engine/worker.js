/**
 * A worker of the pool: its own instance of the kernels on the engine's memory. It claims pieces of a batch until
 * none is left. `pool.ts` has the protocol; this file stands alone, so that it can run from a string, a blob
 * or a URL, in Node and in browsers.
 */

const { parentPort } = globalThis.process?.getBuiltinModule?.('node:worker_threads') ?? {}
const port = parentPort ?? globalThis

/** @type {{ fill(work: number, to: number, first: number, count: number): void, BLOCK: WebAssembly.Global }} */
let kernel
/** @type {{ memory: WebAssembly.Memory, workspace: number, staging: number, stagingBytes: number }} */
let own

const handle = (message) => {
  switch (message.type) {
    case 'simdinit:start':
      try {
        own = message
        kernel = new WebAssembly.Instance(message.module, { env: { memory: message.memory } }).exports
        port.postMessage({ type: 'simdinit:ready' })
      } catch (error) {
        port.postMessage({ type: 'simdinit:failed', reason: String(error) })
      }
      break
    case 'simdinit:batch':
      fill(message)
      port.postMessage({ type: 'simdinit:done', id: message.id })
  }
}

/** Fills every piece of the batch that nobody else has claimed. */
function fill({ job, bytes, address, target, at, first, count, piece, counter }) {
  const { memory, workspace, staging, stagingBytes } = own
  new Uint32Array(memory.buffer, workspace, job.length).set(job)
  const claims = new Int32Array(memory.buffer, counter, 1)
  for (;;) {
    const start = Atomics.add(claims, 0, 1) * piece
    if (start >= count) return
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
}

if (parentPort) parentPort.on('message', handle)
else globalThis.addEventListener('message', ({ data }) => handle(data))
