/** Whoever looks at tensors, here or on other threads, sees the same; a thread that fails is made up for. */

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
/** Two files in which tensors are too many for one stretch, begin at odd bytes, are alike, and are not all finite. */
beforeAll(async () => {
  const engine = await createEngine()
  folder = mkdtempSync(join(tmpdir(), 'simdinit-lookers-'))
  const drawn = async (name: string, shape: number[], dtype: 'f32' | 'bf16' = 'f32') => ({
    dtype: dtype === 'f32' ? ('F32' as const) : ('BF16' as const),
    shape,
    data: (await engine.tensor(shape, normal({ std: 0.02 }), { name, dtype })).data,
  })
  const big = await drawn('big', [3, 700_001])
  big.data[1_000_000] = NaN
  const half = await drawn('half', [2 ** 22 + 1], 'bf16')
  const small = Array.from({ length: 3000 }, (_, i) => [`small.${i}`, { data: new Float32Array([i % 7]) }])
  writeSafetensors(join(folder, 'a.safetensors'), {
    byte: { dtype: 'U8', data: new Uint8Array(1) },
    big,
    half,
  })
  writeSafetensors(join(folder, 'b.safetensors'), {
    ...Object.fromEntries(small),
    again: half,
    other: await drawn('o', [5, 900_000]),
  })
  await engine.close()
  return () => rmSync(folder, { recursive: true })
})

describe('an inspection', () => {
  it('is the same on any number of threads', async () => {
    const { seconds: _, ...one } = await inspect(folder, { threads: 1 })
    expect(one.tensors.find(({ name }) => name === 'big')?.statistics).toMatchObject({
      nans: 1,
      count: 2_100_003,
    })
    expect(one.tensors.find(({ name }) => name === 'again')?.duplicateOf?.name).toBe('half')
    const { seconds: __, ...js } = await inspect(folder, { backend: 'js', threads: 3 })
    expect({ ...js, backend: 'wasm' }).toEqual(one)
    for (const threads of byTier([3], [2, 3, 7])) {
      const { seconds: ___, ...more } = await inspect(folder, { threads })
      expect(more).toEqual(one)
    }
  })

  it('says how far it is, up to the end, and stops when it is told to', async () => {
    const seen: number[] = []
    await inspect(folder, { threads: 2, onProgress: ({ done, total }) => seen.push(done / total) })
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBeGreaterThan(0.99) // headers are no tensors
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

  it.each([0, 1.5, 257, '2' as never])('on %s threads is refused', async (threads) => {
    await expect(inspect(folder, { threads })).rejects.toThrow(/"threads"/)
  })

  it('of a file that becomes shorter meanwhile ends in a sentence, whoever reads it', async () => {
    for (const threads of [1, 2]) {
      const path = writeSafetensors(join(createTempFolder(), 'x.safetensors'), {
        w: { data: new Float32Array(2 ** 22) },
      })
      const inspecting = inspect(path, { threads, onProgress: () => writeFileSync(path, '') })
      await expect(inspecting).rejects.toThrow(/it became shorter while it was read/)
    }
  })
})

const tensor = (begin: number) =>
  ({ name: `${begin}`, dtype: 'F32', shape: [1], begin, end: begin + 4 }) as const
async function* stretches(count: number): AsyncGenerator<TensorBatch> {
  for (let i = 0; i < count; i++) yield { file: 0, dataOffset: 8, tensors: [tensor(4 * i)] }
}
const lookOf = ({ tensors }: TensorBatch): TensorScan[] =>
  tensors.map(({ begin }) => ({ signature: `${begin}` }))

describe('a looker that', () => {
  it.each([0, 1, 5])(
    'fails after %i stretches is not asked again, and the one here looks at what it left',
    async (good) => {
      let [asked, done] = [0, 0]
      const here: Scanner = {
        async scan(stretch) {
          await new Promise((resolve) => setTimeout(resolve, 2))
          return lookOf(stretch)
        },
      }
      const other: Scanner = {
        async scan(stretch) {
          if (asked++ === good) throw new Error('lost')
          await new Promise((resolve) => setTimeout(resolve, 1))
          done++
          return lookOf(stretch)
        },
      }
      const seen = new Map<number, string>()
      await scanAll(stretches(20), here, [other], ({ tensors }, [{ signature }]) =>
        seen.set(tensors[0].begin, signature),
      )
      expect([asked, done]).toEqual([good + 1, good])
      expect([...seen.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 4 * i))
    },
  )

  it('fails with the last stretch, when the one here is through, loses nothing', async () => {
    const here: Scanner = { scan: async (stretch) => lookOf(stretch) }
    const other: Scanner = { scan: () => new Promise((_, reject) => setTimeout(reject, 50)) }
    const seen: number[] = []
    await scanAll(stretches(2), here, [other], ({ tensors }) => seen.push(tensors[0].begin))
    expect(seen).toEqual([0, 4])
  })
})

describe('a thread', () => {
  const open: WorkerScanner[] = []
  afterEach(() => Promise.all(open.splice(0).map((thread) => thread.close())))
  const threadOf = async (paths: string[], onBytes = () => {}) => {
    const thread = new WorkerScanner({ kernels: await compileKernels(), paths, onBytes })
    open.push(thread)
    return thread
  }
  const stretch: TensorBatch = { file: 0, dataOffset: 8, tensors: [tensor(0)] }

  it('sees what the one here sees, and an inspection has it in the order of the files, whoever was first', async () => {
    const names = ['a.safetensors', 'b.safetensors']
    const paths = names.map((name) => join(folder, name))
    const files = paths.map((path, i) => ({ name: names[i], source: openFileSource(path) }))
    const thread = await threadOf(paths)
    const passes = new WasmStatsBackend(await compileKernels())
    const here = new LocalScanner(files, { statsBackend: passes, createHash: () => createHash('sha256') })
    const [alone, beside] = [new Map<TensorBatch, unknown>(), new Map<TensorBatch, unknown>()]
    const first: Scanner = {
      async scan(stretch) {
        alone.set(stretch, await here.scan(stretch))
        return thread.scan(stretch).then((looks) => (beside.set(stretch, looks), looks))
      },
    }
    const { tensors } = await inspectWithWorkers(files, {}, () => [first])
    await here.close()
    expect(alone.size).toBeGreaterThan(0)
    expect(beside).toEqual(alone)
    const { tensors: wanted } = await inspect(folder, { threads: 1 })
    expect(tensors).toEqual(wanted)
  })

  it('that cannot read its file, or is told to stop, says so for every stretch from then on', async () => {
    const lost = await threadOf([join(folder, 'missing.safetensors')])
    await expect(lost.scan(stretch)).rejects.toThrow(/ENOENT/)
    await expect(lost.scan(stretch)).rejects.toThrow(/ENOENT/)
    const told = await threadOf([join(folder, 'a.safetensors')], () => {
      throw new Error('enough')
    })
    await expect(told.scan(stretch)).rejects.toThrow('enough')
  })

  it('that ends while it looks is noticed', async () => {
    const thread = await threadOf([join(folder, 'a.safetensors')])
    const looking = thread.scan(stretch)
    void thread.close()
    await expect(looking).rejects.toThrow('the worker has exited')
  })
})
