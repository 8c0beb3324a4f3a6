/** Scans on this thread and on workers give the same results, also if a worker fails. */

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { compileKernels } from '../../src/engine/load-kernel.ts'
import { createEngine, normal } from '../../src/index.ts'
import type { TensorScan } from '../../src/inspect/scan-tensor.ts'
import { inspectWithWorkers } from '../../src/inspect/inspect-files.ts'
import { LocalScanner, scanAll, type Scanner, type TensorBatch } from '../../src/inspect/scanner.ts'
import { WasmStatsBackend } from '../../src/inspect/wasm-stats.ts'
import { WorkerScanner } from '../../src/node/inspect-worker-client.ts'
import { inspect } from '../../src/node/index.ts'
import { openFileSource } from '../../src/node/file-source.ts'
import { createTempFolder } from '../support/run-simdinit.ts'
import { writeSafetensors } from '../support/stored.ts'
import { byTier } from '../support/tier.ts'

let folder: string

/** Values of the largest tensors. */
const [ROW, HALF, OTHER] = byTier([300_001, 2 ** 20 + 1, 800_000], [700_001, 2 ** 22 + 1, 900_000])

/** Two files with more tensors than one batch, unaligned tensors, duplicates, and values that are not finite. */
beforeAll(async () => {
  const engine = await createEngine()
  folder = mkdtempSync(join(tmpdir(), 'simdinit-workers-'))
  const drawn = async (name: string, shape: number[], dtype: 'f32' | 'bf16' = 'f32') => ({
    dtype: dtype === 'f32' ? ('F32' as const) : ('BF16' as const),
    shape,
    data: (await engine.tensor(shape, normal({ std: 0.02 }), { name, dtype })).data,
  })
  const big = await drawn('big', [3, ROW])
  big.data[ROW + 9] = NaN
  const half = await drawn('half', [HALF], 'bf16')
  const small = Array.from({ length: 3000 }, (_, i) => [`small.${i}`, { data: new Float32Array([i % 7]) }])
  writeSafetensors(join(folder, 'a.safetensors'), {
    byte: { dtype: 'U8', data: new Uint8Array(1) },
    big,
    half,
  })
  writeSafetensors(join(folder, 'b.safetensors'), {
    ...Object.fromEntries(small),
    again: half,
    other: await drawn('o', [5, OTHER]),
  })
  await engine.close()
  return () => rmSync(folder, { recursive: true })
})

describe('an inspection', () => {
  it('is the same on any number of threads', async () => {
    const { seconds: _, ...one } = await inspect(folder, { threads: 1 })
    expect(one.tensors.find(({ name }) => name === 'big')?.statistics).toMatchObject({
      nans: 1,
      count: 3 * ROW,
    })
    expect(one.tensors.find(({ name }) => name === 'again')?.duplicateOf?.name).toBe('half')
    for (const threads of byTier([], [3])) {
      const { seconds: __, ...js } = await inspect(folder, { backend: 'js', threads })
      expect({ ...js, backend: 'wasm' }).toEqual(one)
    }
    for (const threads of byTier([3], [2, 3, 7])) {
      const { seconds: ___, ...more } = await inspect(folder, { threads })
      expect(more).toEqual(one)
    }
  })

  it('reports progress up to the end, and stops when the signal aborts', async () => {
    const seen: number[] = []
    await inspect(folder, { threads: 2, onProgress: ({ done, total }) => seen.push(done / total) })
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBeGreaterThan(0.99) // headers do not count
    for (const threads of [1, 3]) {
      const stop = new AbortController()
      const stopped = inspect(folder, {
        threads,
        signal: stop.signal,
        onProgress: () => stop.abort(new Error('enough')),
      })
      await expect(stopped).rejects.toThrow('enough')
    }
  })

  it.each([0, 1.5, 257, '2' as never])('rejects %s threads', async (threads) => {
    await expect(inspect(folder, { threads })).rejects.toThrow(/"threads"/)
  })

  it('reports a file that is truncated during the inspection, on any thread', async () => {
    for (const threads of [1, 2]) {
      const path = writeSafetensors(join(createTempFolder(), 'x.safetensors'), {
        w: { data: new Float32Array(2 ** 22) },
      })
      const inspecting = inspect(path, { threads, onProgress: () => writeFileSync(path, '') })
      await expect(inspecting).rejects.toThrow(/the file was truncated while it was read/)
    }
  })
})

const tensor = (begin: number) =>
  ({ name: `${begin}`, dtype: 'F32', shape: [1], begin, end: begin + 4 }) as const
async function* createBatches(count: number): AsyncGenerator<TensorBatch> {
  for (let i = 0; i < count; i++) yield { file: 0, dataOffset: 8, tensors: [tensor(4 * i)] }
}
const createScans = ({ tensors }: TensorBatch): TensorScan[] =>
  tensors.map(({ begin }) => ({ signature: `${begin}` }))

describe('a worker scanner that', () => {
  it.each([0, 1, 5])(
    'fails after %i batches gets no other, and the local scanner takes over its batch',
    async (good) => {
      let [asked, done] = [0, 0]
      const local: Scanner = {
        async scan(batch) {
          await new Promise((resolve) => setTimeout(resolve, 2))
          return createScans(batch)
        },
      }
      const other: Scanner = {
        async scan(batch) {
          if (asked++ === good) throw new Error('lost')
          await new Promise((resolve) => setTimeout(resolve, 1))
          done++
          return createScans(batch)
        },
      }
      const seen = new Map<number, string>()
      await scanAll(createBatches(20), local, [other], ({ tensors }, [{ signature }]) =>
        seen.set(tensors[0].begin, signature),
      )
      expect([asked, done]).toEqual([good + 1, good])
      expect([...seen.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 4 * i))
    },
  )

  it('fails with the last batch, after the local scanner is done, loses nothing', async () => {
    const local: Scanner = { scan: async (batch) => createScans(batch) }
    const other: Scanner = { scan: () => new Promise((_, reject) => setTimeout(reject, 50)) }
    const seen: number[] = []
    await scanAll(createBatches(2), local, [other], ({ tensors }) => seen.push(tensors[0].begin))
    expect(seen).toEqual([0, 4])
  })
})

describe('a worker', () => {
  const open: WorkerScanner[] = []
  afterEach(() => Promise.all(open.splice(0).map((worker) => worker.close())))
  const createWorker = async (paths: string[], onBytes = () => {}) => {
    const worker = WorkerScanner.start({ kernels: await compileKernels(), paths, onBytes })!
    open.push(worker)
    return worker
  }
  const batch: TensorBatch = { file: 0, dataOffset: 8, tensors: [tensor(0)] }

  it('gives the same scans as this thread, and results are in the order of the files', async () => {
    const names = ['a.safetensors', 'b.safetensors']
    const paths = names.map((name) => join(folder, name))
    const files = paths.map((path, i) => ({ name: names[i], source: openFileSource(path) }))
    const worker = await createWorker(paths)
    const statsBackend = new WasmStatsBackend(await compileKernels())
    const local = new LocalScanner(files, { statsBackend, createHash: () => createHash('sha256') })
    const [localScans, workerScans] = [new Map<TensorBatch, unknown>(), new Map<TensorBatch, unknown>()]
    const first: Scanner = {
      async scan(batch) {
        localScans.set(batch, await local.scan(batch))
        return worker.scan(batch).then((scans) => (workerScans.set(batch, scans), scans))
      },
    }
    const { tensors } = await inspectWithWorkers(files, {}, () => [first])
    await local.close()
    expect(localScans.size).toBeGreaterThan(0)
    expect(workerScans).toEqual(localScans)
    const { tensors: wanted } = await inspect(folder, { threads: 1 })
    expect(tensors).toEqual(wanted)
  })

  it('that cannot read its file, or is stopped, rejects every batch from then on', async () => {
    const lost = await createWorker([join(folder, 'missing.safetensors')])
    await expect(lost.scan(batch)).rejects.toThrow(/ENOENT/)
    await expect(lost.scan(batch)).rejects.toThrow(/ENOENT/)
    const stopped = await createWorker([join(folder, 'a.safetensors')], () => {
      throw new Error('enough')
    })
    await expect(stopped.scan(batch)).rejects.toThrow('enough')
  })

  it('that exits during a scan rejects it', async () => {
    const worker = await createWorker([join(folder, 'a.safetensors')])
    const scanning = worker.scan(batch)
    void worker.close()
    await expect(scanning).rejects.toThrow('the worker has exited')
  })
})
