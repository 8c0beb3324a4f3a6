/** Threads change no byte and are optional: how they start, fail and stop. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/numeric/dtypes.ts'
import { workerSource } from '../../src/engine/worker.generated.ts'
import { createEngine, normal, truncatedNormal, type Engine, type EngineOptions } from '../../src/index.ts'
import { rangeError } from '../support/errors.ts'
import { byTier, itSlow } from '../support/tier.ts'

const N = byTier(2_100_001, 3_000_001) // more than two windows, whose last chunk is partial
const options = { seed: 1, name: 'w' }
const strategy = normal({ std: 0.02 })
const digest = (data: ArrayBufferView) =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex')

const open: Engine[] = []
const engineOf = async (more: EngineOptions) => {
  const engine = await createEngine({ backend: 'wasm', ...more })
  open.push(engine)
  return engine
}
afterAll(() => Promise.all(open.map((engine) => engine.close())))

let expected: string
beforeAll(async () => {
  const data = new Float32Array(N)
  const engine = await engineOf({ threads: 1 })
  engine.fillSync(data, strategy, options)
  expected = digest(data)
})

describe.each(byTier([3], [2, 3, 7]))('%i threads', (threads) => {
  it('fill allocated, shared and plain arrays with the bytes of one thread', async () => {
    const engine = await engineOf({ threads })
    expect(await engine.warmUp()).toMatchObject({ backend: 'wasm', threads }) // so that all threads take part
    const targets = [engine.lend(N).data, new Float32Array(new SharedArrayBuffer(4 * N)), new Float32Array(N)]
    for (const target of targets) {
      await engine.fill(target, strategy, options)
      expect(digest(target)).toBe(expected)
    }
    expect(engine.info.threads).toBe(threads)
  })

  it('fill many targets concurrently', async () => {
    const engine = await engineOf({ threads })
    const small = Array.from({ length: 20 }, () => new Float32Array(1000))
    const large = [
      new Float32Array(N),
      engine.lend(N).data,
      new Float32Array(new SharedArrayBuffer(4 * N)),
      new Float32Array(N),
    ]
    await Promise.all([...small, ...large].map((target) => engine.fill(target, strategy, options)))
    expect(new Set(large.map(digest))).toEqual(new Set([expected]))
    expect(new Set(small.map(digest)).size).toBe(1)
  })

  it('fill from any offset, in 16 and 8 bits, and write nothing beyond the target', async () => {
    const engine = await engineOf({ threads })
    const one = await engineOf({ threads: 1 })
    const cut = truncatedNormal({ std: 0.02, low: -0.02, high: 0.06 })
    for (const dtype of ['bf16', 'f16', 'f8_e4m3', 'f8_e5m2'] as const) {
      const { bytes, arrayType } = FORMATS[dtype]
      const more = { ...options, dtype, offset: 8191 }
      const wanted = new arrayType(N)
      one.fillSync(wanted, cut, more)
      for (const buffer of [
        new SharedArrayBuffer(bytes * (N + 32)),
        new ArrayBuffer(bytes * (N + 32)),
        engine.lend(N + 32, dtype).data.buffer,
      ]) {
        const whole = new arrayType(buffer as ArrayBuffer).subarray(-N - 32).fill(0xab)
        await engine.fill(whole.subarray(1, N + 1), cut, more)
        expect(digest(whole.slice(1, N + 1))).toBe(digest(wanted))
        expect([whole[0], ...whole.subarray(N + 1)].every((bits) => bits === 0xab)).toBe(true)
      }
    }
  })
})

const filled = async (engine: Engine) => {
  const { data } = await engine.tensor([N], strategy, options)
  expect(digest(data)).toBe(expected)
}

describe('warmUp', () => {
  it('resolves once the workers run, before any fill', async () => {
    let [started, answered] = [0, 0]
    const worker = () => {
      started++
      return new Worker(`Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);${workerSource}`, {
        eval: true,
      }).once('message', () => answered++)
    }
    const engine = await engineOf({ threads: 3, worker })
    expect(started).toBe(0)
    expect(await engine.warmUp()).toEqual(engine.info)
    expect([started, answered, engine.info.threads]).toEqual([2, 2, 3])
    await engine.warmUp()
    expect(started).toBe(2)
  })

  it('resolves immediately without workers, and rejects once the engine is closed', async () => {
    for (const more of [{ threads: 1 }, { backend: 'js' as const }]) {
      const engine = await engineOf(more)
      expect(await engine.warmUp()).toMatchObject({ threads: 1 })
      await engine.close()
      await expect(engine.warmUp()).rejects.toThrow('this engine has been closed')
    }
    const engine = await engineOf({ threads: 2, worker: () => new Worker('for (;;);', { eval: true }) })
    const ready = engine.warmUp()
    void engine.close()
    await expect(ready).rejects.toThrow('this engine has been closed')
  })
})

describe('a worker', () => {
  it('that cannot be created leaves one thread, and the same bytes', async () => {
    const engine = await engineOf({
      threads: 4,
      worker: () => {
        throw new Error('workers are forbidden')
      },
    })
    await filled(engine)
    expect(engine.info).toMatchObject({
      threads: 1,
      reason: expect.stringContaining('a worker could not be started: workers are forbidden'),
    })
    await filled(engine)
  })

  it.each([
    ['is an empty object', {}, 'a worker could not be started'],
    [
      'cannot be reached and not be ended',
      {
        on() {},
        unref() {},
        postMessage() {},
        ref() {
          throw new Error('gone')
        },
        terminate() {
          throw new Error('gone')
        },
      },
      'a worker could not be reached: gone',
    ],
  ])('that %s leaves one thread, and the same bytes', async (_, worker, reason) => {
    const engine = await engineOf({ threads: 3, worker: () => worker as Worker })
    await filled(engine)
    expect(engine.info).toMatchObject({ threads: 1, reason: expect.stringContaining(reason) })
    await filled(engine)
    await engine.close()
  })

  it.each([
    ['throws at the start', "throw new Error('no script')", 'a worker failed: no script'],
    ['exits immediately', 'process.exit(3)', 'a worker failed: it ended with code 3'],
  ])('that %s leaves one thread, and the same bytes', async (_, source, reason) => {
    const engine = await engineOf({ threads: 2, worker: () => new Worker(source, { eval: true }) })
    await filled(engine)
    expect(await engine.warmUp()).toMatchObject({ threads: 1, reason: expect.stringContaining(reason) })
    await filled(engine)
  })

  itSlow('that never starts does not delay any fill', async () => {
    const engine = await engineOf({ threads: 2, worker: () => new Worker('for (;;);', { eval: true }) })
    for (let time = 0; time < 70; time++) {
      const shared = time % 2 === 0
      const { data } = await engine.tensor([N], strategy, { ...options, shared })
      if (time % 23 === 0) expect(digest(data)).toBe(expected)
    }
  })

  itSlow(
    'that starts before the end of a fill on the calling thread takes no chunks of the next fill',
    async () => {
      class Idler extends EventEmitter {
        postMessage({ type, id }: { type: string; id: number }): void {
          if (type === 'simdinit:fill')
            setImmediate(() => this.emit('message', { type: 'simdinit:done', id, steps: 0 }))
        }
        ref() {}
        unref() {}
        async terminate() {}
      }
      const engine = await engineOf({ threads: 2, memory: 2 ** 28, worker: () => new Idler() })
      const size = 20_000_000
      const first = engine.lend(size).data
      const others: [Float32Array, Promise<void>][] = []
      await engine.fill(first, strategy, {
        ...options,
        onProgress() {
          const target = new Float32Array(new SharedArrayBuffer(4 * N))
          others.push([target, engine.fill(target, strategy, options)])
        },
      })
      await Promise.all(others.map(([, filling]) => filling))
      expect(others.length).toBeGreaterThan(1)
      for (const [target] of others) expect(digest(target)).toBe(expected)
      expect(digest(first.subarray(0, N))).toBe(expected)
      const one = await engineOf({ threads: 1 })
      const whole = new Float32Array(size)
      one.fillSync(whole, strategy, options)
      expect(digest(first)).toBe(digest(whole))
    },
  )

  itSlow('that starts late writes nothing to memory that is no longer being filled', async () => {
    const worker = () =>
      new Worker(`Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);${workerSource}`, {
        eval: true,
      })
    const engine = await engineOf({ threads: 3, worker })
    const target = new Float32Array(new SharedArrayBuffer(4 * N))
    for (let time = 0; time < 20; time++) {
      await engine.fill(target, strategy, options)
      expect(digest(target)).toBe(expected)
      target.fill(0)
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(target.every((x) => x === 0)).toBe(true)
    }
    expect(engine.info.threads).toBe(3)
  })

  it('that dies with a chunk it has claimed is replaced', async () => {
    class Claimer extends EventEmitter {
      private memory: WebAssembly.Memory | undefined
      postMessage({ memory, counter }: { memory?: WebAssembly.Memory; counter: number }): void {
        this.memory ??= memory
        if (memory) return
        Atomics.add(new Int32Array(this.memory!.buffer, counter, 1), 0, 1)
        setImmediate(() => this.emit('exit', 3))
      }
      ref() {}
      unref() {}
      async terminate() {}
    }
    const engine = await engineOf({ threads: 2, worker: () => new Claimer() })
    const { data } = await engine.tensor([N], strategy, { ...options, shared: true })
    expect(digest(data)).toBe(expected)
    expect(engine.info).toMatchObject({ threads: 1, reason: expect.stringContaining('ended with code 3') })
  })

  it('that dies during a fill is replaced', async () => {
    for (let delay = 0; delay < 5; delay++) {
      const workers: Worker[] = []
      const engine = await engineOf({
        threads: 3,
        worker: () => {
          const worker = new Worker(workerSource, { eval: true })
          workers.push(worker)
          return worker
        },
      })
      const target = new Float32Array(new SharedArrayBuffer(4 * N))
      await engine.fill(target, strategy, options) // the workers are running now
      target.fill(0)
      const filling = engine.fill(target, strategy, options)
      setTimeout(() => void workers[0].terminate(), delay)
      await filling
      expect(digest(target)).toBe(expected)
      await filled(engine)
      await workers[0].terminate()
      await filled(engine)
      expect(engine.info.threads).toBe(1)
    }
  })
})

describe('a fill on several threads', () => {
  const big = 40_000_000

  it('stops when its signal aborts', async () => {
    const engine = await engineOf({ threads: 2, memory: 2 ** 28 })
    const stop = new AbortController()
    const { data } = engine.lend(big)
    const filling = engine.fill(data, strategy, {
      ...options,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    })
    await expect(filling).rejects.toThrow('enough')
    const quiet = data.slice()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(Buffer.compare(Buffer.from(quiet.buffer), Buffer.from(data.slice().buffer))).toBe(0)
  })

  it('stops although a worker never starts', async () => {
    const engine = await engineOf({ threads: 2, worker: () => new Worker('for (;;);', { eval: true }) })
    for (const target of [new Float32Array(big), new Float32Array(new SharedArrayBuffer(4 * big))]) {
      const stop = new AbortController()
      const onProgress = () => stop.abort(new Error('enough'))
      const filling = engine.fill(target, strategy, { ...options, signal: stop.signal, onProgress })
      await expect(filling).rejects.toThrow('enough')
    }
    await filled(engine)
  })

  it('waits for a chunk that is being filled, although its signal aborts', async () => {
    let finish = () => {}
    class Slow extends EventEmitter {
      private memory: WebAssembly.Memory | undefined
      postMessage({
        memory,
        counter,
        id,
      }: {
        memory?: WebAssembly.Memory
        counter: number
        id: number
      }): void {
        this.memory ??= memory
        if (memory) return
        Atomics.add(new Int32Array(this.memory!.buffer, counter, 1), 0, 1)
        finish = () => this.emit('message', { type: 'simdinit:done', id, steps: 1 })
      }
      ref() {}
      unref() {}
      async terminate() {}
    }
    const engine = await engineOf({ threads: 2, worker: () => new Slow() })
    const stop = new AbortController()
    const target = new Float32Array(new SharedArrayBuffer(4 * big))
    let stopped = false
    const filling = engine
      .fill(target, strategy, {
        ...options,
        signal: stop.signal,
        onProgress: () => stop.abort(new Error('enough')),
      })
      .finally(() => (stopped = true))
    filling.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect([stop.signal.aborted, stopped]).toEqual([true, false])
    finish()
    await expect(filling).rejects.toThrow('enough')
  })

  it('is rejected when the engine is closed', async () => {
    const engine = await engineOf({ threads: 2 })
    const filling = engine.fill(new Float32Array(big), strategy, options)
    void engine.close()
    await expect(filling).rejects.toThrow('this engine has been closed')
  })

  it('protects its memory from being released', async () => {
    const engine = await engineOf({ threads: 2, memory: 2 ** 28 })
    const allocation = engine.lend(big)
    const filling = engine.fill(allocation.data, strategy, options)
    expect(() => allocation.release()).toThrow('this memory is being filled; await the fill first')
    await filling
    allocation.release()
  })

  it('reports progress up to its end', async () => {
    const engine = await engineOf({ threads: 2 })
    const seen: number[] = []
    await engine.fill(new Float32Array(big), strategy, {
      ...options,
      onProgress: ({ done, total }) => seen.push(done / total),
    })
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(1)
    expect(seen.length).toBeGreaterThan(1)
  })
})

describe('a process', () => {
  const run = (body: string) => {
    writeFileSync('build/process.mjs', `import { createEngine, normal } from 'simdinit'\n${body}`)
    return promisify(execFile)(process.execPath, ['build/process.mjs'], { timeout: 60_000 })
  }

  it('that closes its engine before a worker has answered lives until the worker has exited', async () => {
    const { stdout } = await run(
      `import { EventEmitter } from 'node:events'
       class Late extends EventEmitter {
         postMessage({ type, id }) { if (type === 'simdinit:fill') this.id = id }
         ref() { this.timer ??= setInterval(() => {}, 1000) }
         unref() { this.timer = clearInterval(this.timer) }
         terminate() {
           this.ref()
           setImmediate(() => this.emit('message', { type: 'simdinit:done', id: this.id, steps: 0 }))
           return new Promise((resolve) => setTimeout(() => resolve(this.unref()), 50).unref())
         }
       }
       const engine = await createEngine({ threads: 2, worker: () => new Late() })
       await engine.fill(engine.lend(4e6).data, normal(), { name: 'a' })
       await engine.close()
       console.log('closed')`,
    )
    expect(stdout).toBe('closed\n')
  })

  it('that does not close its engine exits, but only after its fill', async () => {
    const { stdout } = await run(
      `const engine = await createEngine({ threads: 3 })
       await engine.fill(new Float32Array(4e6), normal(), { name: 'a' })
       engine.fill(new Float32Array(4e6), normal(), { name: 'a' }).then(() => console.log('filled'))`,
    )
    expect(stdout).toBe('filled\n')
  })
})

describe('a memory of 4 GiB', () => {
  it('is filled up to its last byte', async () => {
    const engine = await engineOf({ threads: 1, memory: 2 ** 32 })
    let free = 0
    try {
      engine.lend(2 ** 40)
    } catch (error) {
      free = Number(/the (\d+) elements/.exec((error as Error).message)?.[1])
    }
    engine.lend(free - 64)
    const { data } = engine.lend(64)
    expect(data.byteOffset + data.byteLength).toBe(2 ** 32)
    engine.fillSync(data, { type: 'ones' }, options)
    expect(data.every((x) => x === 1)).toBe(true)
    engine.fillSync(data, strategy, options)
    expect(data.every((x) => x !== 1)).toBe(true)
  })
})

describe('invalid numbers of threads', () => {
  it.each([0, -1, 1.5, 10_000])('%d: a RangeError', async (threads) => {
    await expect(createEngine({ threads })).rejects.toThrow(
      rangeError(`"threads" must be an integer from 1 to 256; received ${threads}`),
    )
  })

  it('too many for a small memory: a RangeError', async () => {
    await expect(createEngine({ threads: 256, memory: 2 ** 20 })).rejects.toThrow(
      /^"memory" must be at least \d+ bytes for 256 threads; received 1048576$/,
    )
  })
})
