/** Statistics of tensors, and the known bugs of other programs that they reveal. */

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { escapeControlChars } from '../../src/cli/escape.ts'
import { renderHtmlReport } from '../../src/cli/html-report.ts'
import { formatHistogram, reportInspect } from '../../src/cli/inspect-report.ts'
import { decode } from '../../src/numeric/dtypes.ts'
import { compileKernels } from '../../src/engine/load-kernel.ts'
import {
  createEngine,
  heNormal,
  normal,
  truncatedNormal,
  uniform,
  type Engine,
  type Strategy,
} from '../../src/index.ts'
import {
  createBlobSource,
  parseWeightMap,
  inspectFiles,
  SimdinitError,
  type Finding,
  type Statistics,
} from '../../src/inspect/index.ts'
import { describeStrategy } from '../../src/inspect/describe.ts'
import { JsStatsBackend } from '../../src/inspect/js-stats.ts'
import { CHUNK_VALUES } from '../../src/inspect/stats-backend.ts'
import { StatsAccumulator } from '../../src/inspect/stats-accumulator.ts'
import { WasmStatsBackend } from '../../src/inspect/wasm-stats.ts'
import { NARROW_DTYPES } from '../../src/inspect/to-f32.ts'
import { planModel } from '../../src/models/index.ts'
import { InputError, init, inspect } from '../../src/node/index.ts'
import type { StoredDtype } from '../../src/safetensors/index.ts'
import { createTempFolder, runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { writeSafetensors } from '../support/stored.ts'
import { byTier, itSlow, pickByTier } from '../support/tier.ts'

let wasm: WasmStatsBackend
let engine: Engine
beforeAll(async () => {
  wasm = new WasmStatsBackend(await compileKernels())
  engine = await createEngine({ threads: 1 })
  return () => engine.close()
})

async function sample(strategy: Strategy, shape: number[], name = 'w') {
  return { shape, data: (await engine.tensor(shape, strategy, { name })).data }
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind)

/** Statistics by their definitions, in two passes. */
function computeReference(values: ArrayLike<number>): Statistics {
  const all = Array.from(values)
  const finite = all.filter(Number.isFinite)
  const n = finite.length
  const mean = finite.reduce((sum, x) => sum + x, 0) / n
  const power = (k: number) => finite.reduce((sum, x) => sum + (x - mean) ** k, 0) / n
  const nans = all.filter(Number.isNaN).length
  return {
    count: all.length,
    finite: n,
    mean,
    std: Math.sqrt(power(2)),
    kurtosis: power(4) / power(2) ** 2,
    min: finite.reduce((a, b) => Math.min(a, b), Infinity),
    max: finite.reduce((a, b) => Math.max(a, b), -Infinity),
    zeros: all.filter((x) => x === 0).length,
    nans,
    infinities: all.length - n - nans,
  }
}

function computeStats(
  backend: JsStatsBackend | WasmStatsBackend,
  dtype: StoredDtype,
  bytes: Uint8Array,
  cuts: number[] = [],
  elements = 0,
) {
  const accumulator = new StatsAccumulator(backend, dtype, elements)
  let from = 0
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    accumulator.add(bytes.subarray(from, cut))
    from = cut
  }
  return { statistics: accumulator.statistics, buckets: accumulator.bucketCounter.toBuckets(dtype) }
}

const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

describe('statistics', () => {
  it('match their definitions', () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.float({ noNaN: true, min: -8, max: 8 }) },
      fc.constantFrom(NaN, Infinity, -Infinity, 0, -0),
    )
    const lists = fc.array(value, { minLength: 5, maxLength: 300 })
    fc.assert(
      fc.property(lists, (list) => {
        const values = Float32Array.from(list)
        const expected = computeReference(values)
        fc.pre(expected.finite > 1 && expected.std > 1e-3)
        const { statistics } = computeStats(wasm, 'F32', bytesOf(values))
        for (const [field, is] of Object.entries(statistics)) {
          const wanted = expected[field as keyof Statistics]
          expect(Math.abs(is - wanted), field).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(wanted)))
        }
      }),
    )
  })

  it('lose no digits to a large mean, over many chunks', () => {
    const values = Float32Array.from({ length: 5 * CHUNK_VALUES + 3 }, (_, i) => 4096 + (i % 7) / 64)
    const expected = computeReference(values)
    const { std, kurtosis } = computeStats(wasm, 'F32', bytesOf(values)).statistics
    expect(std).toBeCloseTo(expected.std, 9)
    expect(kurtosis).toBeCloseTo(expected.kurtosis, 6)
  })

  it('are right for chunks that differ in mean, width and skew', () => {
    const values = Float32Array.from({ length: 3 * CHUNK_VALUES }, (_, i) => {
      const chunk = Math.floor(i / CHUNK_VALUES)
      return chunk + (1 + chunk) * ((i % 101) / 101) ** (1 + 2 * chunk)
    })
    const { std, kurtosis } = computeStats(wasm, 'F32', bytesOf(values)).statistics
    expect(std).toBeCloseTo(computeReference(values).std, 9)
    expect(kurtosis).toBeCloseTo(computeReference(values).kurtosis, 9)
  })

  const dtypes: StoredDtype[] = [
    'F32',
    'BF16',
    'F16',
    'F8_E4M3',
    'F8_E5M2',
    'F64',
    'I8',
    'BOOL',
    'U16',
    'F8_E8M0',
  ]

  it.each(pickByTier(4, dtypes))(
    'of %s have the same bits from both backends, however the bytes are split',
    (dtype) => {
      const width = { F32: 4, F64: 8, BF16: 2, F16: 2, U16: 2 }[dtype as string] ?? 1
      const js = new JsStatsBackend()
      fc.assert(
        fc.property(
          fc
            .integer({ min: 1, max: 2000 })
            .chain((n) => fc.uint8Array({ minLength: n * width, maxLength: n * width })),
          fc.array(fc.nat(2000), { maxLength: 3 }),
          (bytes, places) => {
            const cuts = places.map((place) => Math.min(place * width, bytes.length))
            const expected = computeStats(js, dtype, bytes)
            expect(computeStats(wasm, dtype, bytes, cuts)).toEqual(expected)
            expect(computeStats(js, dtype, bytes, cuts)).toEqual(expected)
          },
        ),
        { numRuns: byTier(15, 50) },
      )
    },
  )

  it.each(byTier(['BF16'] as const, ['BF16', 'F16'] as const))(
    'of many elements of %s follow from counts of bit patterns',
    (dtype) => {
      const patterns = Uint16Array.from({ length: 2 ** 18 + 3 }, (_, i) => (i * i) % 65521)
      const values = Float32Array.from(patterns, (bits) => decodeReference(NARROW_DTYPES[dtype]!, bits))
      const expected = computeReference(values)
      const counted = computeStats(wasm, dtype, bytesOf(patterns), [20, 2 ** 18], patterns.length)
      expect(computeStats(new JsStatsBackend(), dtype, bytesOf(patterns), [], patterns.length)).toEqual(
        counted,
      )
      const { mean, std, kurtosis, ...exact } = counted.statistics
      expect(expected).toMatchObject(exact)
      expect(mean / expected.mean).toBeCloseTo(1, 9)
      expect(std / expected.std).toBeCloseTo(1, 9)
      expect(kurtosis / expected.kurtosis).toBeCloseTo(1, 9)
      expect(counted.buckets).toEqual(computeStats(wasm, dtype, bytesOf(patterns)).buckets)
    },
  )

  it('count non-finite values, zeros of both signs and constant chunks', () => {
    const values = Float32Array.from({ length: 3 * CHUNK_VALUES + 5 }, (_, i) => Math.fround(Math.sin(i)))
    values.fill(0.25, CHUNK_VALUES, 2 * CHUNK_VALUES)
    for (const [i, special] of [NaN, Infinity, -Infinity, 0, -0, 1e-45].entries()) {
      for (let at = i; at < CHUNK_VALUES; at += 100) values[at] = special
    }
    const expected = computeReference(values)
    for (const backend of [wasm, new JsStatsBackend()]) {
      const { statistics, buckets } = computeStats(backend, 'F32', bytesOf(values))
      const { mean, std, kurtosis, ...exact } = statistics
      expect(expected).toMatchObject(exact)
      expect(mean).toBeCloseTo(expected.mean, 12)
      expect(std).toBeCloseTo(expected.std, 12)
      expect(kurtosis).toBeCloseTo(expected.kurtosis, 9)
      expect(buckets.counts.reduce((sum, count) => sum + count, 0)).toBe(expected.finite)
    }
  })

  it('lose no digits if the first value is far from the others', () => {
    const values = Float32Array.from({ length: CHUNK_VALUES }, (_, i) => (i === 0 ? 1e8 : (i % 7) / 64))
    const { std, kurtosis } = computeStats(wasm, 'F32', bytesOf(values)).statistics
    expect(std / computeReference(values).std).toBeCloseTo(1, 12)
    expect(kurtosis / computeReference(values).kurtosis).toBeCloseTo(1, 11)
  })

  it.each(Object.keys(NARROW_DTYPES) as StoredDtype[])('cover every value of %s', (stored) => {
    const dtype = NARROW_DTYPES[stored]!
    const width = dtype.startsWith('f8') ? 1 : 2
    const all = width === 1 ? new Uint8Array(256) : new Uint16Array(65536)
    for (let bits = 0; bits < all.length; bits += width === 1 ? 1 : byTier(37, 1)) {
      all.fill(bits, 0, 8)
      const special =
        Number.isNaN(decodeReference(dtype, bits)) || Math.abs(decodeReference(dtype, bits)) === Infinity
      const { min, finite, nans } = computeStats(wasm, stored, bytesOf(all.subarray(0, 8))).statistics
      if (special) expect([finite, nans > 0]).toEqual([0, Number.isNaN(decodeReference(dtype, bits))])
      else expect(min).toBe(decodeReference(dtype, bits) + 0)
    }
  })

  it('of 2^16 equal values are exact', () => {
    const { statistics } = computeStats(wasm, 'F32', bytesOf(new Float32Array(2 ** 16).fill(0.1)))
    expect(statistics).toMatchObject({ mean: Math.fround(0.1), std: 0, min: Math.fround(0.1), kurtosis: NaN })
  })
})

/** The value of a bit pattern by the definition of the format, including infinities and NaN. */
function decodeReference(dtype: 'f32' | 'bf16' | 'f16' | 'f8_e4m3' | 'f8_e5m2', bits: number): number {
  const [exponent, digits] = { f32: [8, 23], bf16: [8, 7], f16: [5, 10], f8_e4m3: [4, 3], f8_e5m2: [5, 2] }[
    dtype
  ]
  const magnitude = bits % 2 ** (exponent + digits)
  const top = (2 ** exponent - 1) * 2 ** digits
  if (dtype === 'f8_e4m3' ? magnitude === 127 : magnitude > top) return NaN
  if (dtype !== 'f8_e4m3' && magnitude === top) return bits === magnitude ? Infinity : -Infinity
  return decode(dtype, bits)
}

describe('the closest strategy', () => {
  it.each([
    ['std 0.02', normal({ std: 0.02 }), [512, 300]],
    ['heNormal', heNormal(), [512, 300]],
    ["heNormal, layout 'io'", heNormal({ layout: 'io' }), [512, 300]],
    ['std 0.02 cut at 2 sigma', truncatedNormal({ std: 0.02, sigmas: 2 }), [512, 300]],
    ['+-0.05', uniform({ low: -0.05, high: 0.05 }), [512, 300]],
    ['zeros', { type: 'zeros' }, [64]],
    ['0.5', { type: 'constant', value: 0.5 }, [64]],
  ] as [string, Strategy, number[]][])('is found: %s', async (name, strategy, shape) => {
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      w: await sample(strategy, shape),
    })
    const { tensors, findings } = await inspect(path)
    expect(tensors[0].nearest).toMatchObject({ fits: true })
    expect(describeStrategy(tensors[0].nearest!.strategy!)).toBe(name)
    expect(findings).toEqual([])
  })

  it('is none for values of another law', async () => {
    const values = (await sample(normal(), [512, 300])).data.map((x) => (x as number) ** 3) as Float32Array
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), { w: { data: values } })
    expect((await inspect(path)).tensors[0].nearest?.fits).toBe(false)
  })
})

describe('a finding', () => {
  it('is absent from our own checkpoints, and every tensor matches its recipe, with both backends', async () => {
    const out = await createCheckpoint()
    const { tensors, findings, recipe, seconds: _, backend, ...rest } = await inspect(out)
    expect(findings).toEqual([])
    expect(recipe).toEqual({ architecture: 'GPT2LMHeadModel', recipe: 'hf' })
    expect(tensors.every(({ expected }) => expected?.explained)).toBe(true)
    expect(backend).toBe('wasm')
    expect(await inspect(out, { backend: 'js' })).toMatchObject({ ...rest, tensors, backend: 'js' })
  })

  it('reports a c_proj rule that never applied (huggingface/transformers#47458)', async () => {
    const out = await createCheckpoint()
    for (const layer of [0, 1]) {
      const name = `transformer.h.${layer}.mlp.c_proj.weight`
      await overwrite(out, name, await sample(normal({ std: 0.02 }), [256, 64], name))
    }
    const { findings } = await inspect(out)
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ kind: 'recipe', about: 'transformer.h.*.mlp.c_proj.weight' })
    expect(findings[0].tensors).toHaveLength(2)
    expect(findings[0].text).toMatch(/std 0\.0[12]\d*; the recipe expects 0\.01 /)
  })

  it('reports duplicate layers (pytorch/torchtitan#3106), but not duplicate constants', async () => {
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      'h.0.w': await sample(normal(), [64, 64]),
      'h.0.b': { data: new Float32Array(64) },
      'h.1.w': await sample(normal(), [64, 64]),
      'h.1.b': { data: new Float32Array(64) },
    })
    const { findings, tensors } = await inspect(path)
    expect(findings).toMatchObject([{ kind: 'duplicate', tensors: ['h.0.w', 'h.1.w'] }])
    expect(tensors.map(({ duplicateOf }) => duplicateOf?.name)).toEqual([
      undefined,
      undefined,
      'h.0.w',
      'h.0.b',
    ])
  })

  it('reports the same shard from every rank within a tensor', async () => {
    const { data } = await sample(normal({ std: 0.02 }), [64, 256])
    const four = new Float32Array(4 * data.length)
    for (let rank = 0; rank < 4; rank++) four.set(data as Float32Array, rank * data.length)
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      w: { data: four, shape: [256, 256] },
    })
    expect((await inspect(path)).findings).toMatchObject([{ kind: 'repeats', tensors: ['w'] }])
  })

  it('does not report tensors with equal statistics but different bytes', async () => {
    const values = Float32Array.from({ length: 8192 }, (_, i) => i % 100)
    const others = Float32Array.from(values, (_, i) => values[i % 4096 < 8 ? i : i ^ 4])
    const both = new Float32Array(16384)
    both.set(values)
    both.set(others, 8192)
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      a: { data: values, shape: [2, 4096] },
      b: { data: others, shape: [2, 4096] },
      both: { data: both, shape: [2, 8192] },
    })
    const { findings, tensors } = await inspect(path)
    expect(tensors[0].statistics).toEqual(tensors[1].statistics)
    expect(findings).toEqual([])
  })

  it('reports an outlier at 200 sigma (pytorch/pytorch#155588), although it raises the std', async () => {
    const { data } = await sample(normal({ std: 0.01 }), [400, 250])
    for (let i = 0; i < 391; i++) data[i * 200] = -2
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      w: { data, shape: [400, 250] },
    })
    const { findings, tensors } = await inspect(path)
    expect(kinds(findings)).toEqual(['outliers'])
    expect(tensors[0].statistics?.std).toBeGreaterThan(0.1)
    expect(tensors[0].bulkStd).toBeCloseTo(0.01, 3)
  })

  it('reports NaN, infinities and matrices of zeros', async () => {
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      nan: { data: Float32Array.of(NaN, 1, 2) },
      infinity: { data: Uint16Array.of(0x7c00, 0), dtype: 'F16' },
      zeros: { data: new Uint8Array(6), dtype: 'F8_E4M3', shape: [2, 3] },
      bias: { data: new Float32Array(6) },
    })
    expect(kinds((await inspect(path)).findings)).toEqual(['nan', 'infinity', 'zeros'])
  })

  it('is a single one for a trained checkpoint', async () => {
    const out = await createCheckpoint()
    for (const { name, shape, statistics } of (await inspect(out)).tensors) {
      if (statistics?.std === 0) continue
      await overwrite(out, name, await sample(normal({ std: 0.07 }), [...shape], name))
    }
    const { findings } = await inspect(out)
    expect(findings).toMatchObject([{ kind: 'recipe', about: 'the checkpoint' }])
  })
})

describe('a folder', () => {
  it('is read by its index, which may only name files in the folder', async () => {
    const folder = createTempFolder()
    const index = join(folder, 'model.safetensors.index.json')
    writeSafetensors(join(folder, 'one.safetensors'), {
      a: { data: Float32Array.of(1, 2) },
      c: { data: Float32Array.of(3) },
    })
    writeSafetensors(join(folder, 'two.safetensors'), { b: { data: Float32Array.of(4, 5) } })
    writeFileSync(
      index,
      JSON.stringify({ weight_map: { a: 'one.safetensors', b: 'two.safetensors', d: 'two.safetensors' } }),
    )
    const { tensors, findings } = await inspect(folder)
    expect(tensors.map(({ name }) => name)).toEqual(['a', 'c', 'b'])
    expect(findings).toMatchObject([
      { kind: 'index', about: 'd' },
      { kind: 'index', about: 'c' },
    ])
    for (const name of [
      '../evil.safetensors',
      '/etc/passwd',
      'a/../../b',
      'C:\\x',
      'https://x/y',
      '',
      '.',
      'a//b',
      1,
    ]) {
      writeFileSync(index, JSON.stringify({ weight_map: { a: name } }))
      await expect(inspect(folder), String(name)).rejects.toThrow(
        /"weight_map" must be names of files in the folder/,
      )
    }
    writeFileSync(index, '{"weight_map":{"__proto__":"../x"}}')
    await expect(inspect(folder)).rejects.toThrow(InputError)
    writeFileSync(index, '{"weight_map":[]}')
    await expect(inspect(folder)).rejects.toThrow(/"weight_map" must be an object/)
    writeFileSync(index, '{')
    await expect(inspect(folder)).rejects.toThrow(/is not valid JSON/)
  })

  it('may contain symbolic links, like the cache of the Hub', async () => {
    const folder = createTempFolder()
    mkdirSync(join(folder, 'blobs'))
    mkdirSync(join(folder, 'snapshot'))
    writeSafetensors(join(folder, 'blobs', 'x'), { a: { data: Float32Array.of(1, 2) } })
    symlinkSync(join(folder, 'blobs', 'x'), join(folder, 'snapshot', 'model.safetensors'))
    expect((await inspect(join(folder, 'snapshot'))).tensors).toHaveLength(1)
  })

  it('without weights is an error, and so is a missing or invalid file', async () => {
    const folder = createTempFolder()
    await expect(inspect(folder)).rejects.toThrow('contains no safetensors file')
    await expect(inspect(join(folder, 'x'))).rejects.toThrow('no such file or folder')
    writeFileSync(join(folder, 'x'), 'no tensors here')
    await expect(inspect(join(folder, 'x'))).rejects.toThrow(
      'x: it is text that starts with "no tensors here"',
    )
  })
})

describe('a Blob', () => {
  it('has the same inspection as the file on disk', async () => {
    const out = await createCheckpoint()
    const blob = new Blob([readFileSync(join(out, 'model.safetensors'))])
    const plan = planModel(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')))
    const done: number[] = []
    const { seconds: _, ...inspection } = await inspectFiles(
      [{ name: 'model.safetensors', source: createBlobSource(blob) }],
      { plan, onProgress: (progress) => done.push(progress.done) },
    )
    expect(await inspect(out)).toMatchObject(inspection)
    expect(inspection.tensors.some(({ duplicateOf }) => duplicateOf)).toBe(true)
    expect(done.at(-1)).toBe(inspection.tensors.reduce((sum, { bytes }) => sum + bytes, 0))
  })

  it('needs no model; errors name the file; a signal stops the inspection', async () => {
    const source = createBlobSource(new Blob([new Uint8Array(9)]))
    await expect(inspectFiles([{ name: 'x', source }])).rejects.toThrow(/^x: its header cannot be read/)
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      w: await sample(normal(), [64, 64]),
    })
    const files = [{ name: 'a', source: createBlobSource(new Blob([readFileSync(path)])) }]
    expect(await inspectFiles(files)).toMatchObject({ recipe: { none: 'no model was given' } })
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(inspectFiles(files, { signal })).rejects.toThrow('stop')
    expect(() => parseWeightMap({ weight_map: { a: '../b' } })).toThrow(InputError)
  })
})

describe('an inspection', () => {
  it('consists of plain objects and arrays, which copies keep', async () => {
    const inspection = await inspect(await createCheckpoint())
    expect(structuredClone(inspection)).toEqual(inspection)
    const [tensor] = inspection.tensors
    expect(Object.keys({ ...tensor })).toEqual(
      expect.arrayContaining(['name', 'file', 'dtype', 'shape', 'bytes', 'statistics', 'expected']),
    )
    const copy = JSON.parse(JSON.stringify(inspection))
    expect(Object.keys(copy.tensors[0])).toEqual(Object.keys(tensor))
    expect(copy.tensors[0].expected).toEqual(tensor.expected)
  })

  it.each<[unknown, unknown, string]>([
    ['x', {}, '"files" must be an array of { name, source }; received "x"'],
    [[{ source: {} }], {}, '"files[0].name" must be a string; received undefined'],
    [
      [{ name: 'a', source: 'x' }],
      {},
      '"files[0].source" must be a source with "size" and "read"; received "x"',
    ],
    [[], { backend: 'gpu' }, "\"backend\" must be one of 'auto', 'wasm', 'js'; received \"gpu\""],
    [[], { plan: 'gpt2' }, '"plan" must be a plan from planModel, or { none: reason }; received "gpt2"'],
    [[], { weightMap: {} }, '"weightMap" must be a Map from parseWeightMap; received an object'],
  ])('rejects invalid arguments: %#', async (files, options, message) => {
    const rejected = expect(inspectFiles(files as never, options as never)).rejects
    await rejected.toThrow(message)
    await rejected.toBeInstanceOf(SimdinitError)
    expect(() => createBlobSource('x' as never)).toThrow('"blob" must be a Blob or File; received "x"')
  })
})

describe('a header designed to exhaust memory', () => {
  const BYTES = 2e7
  const NOTHING = '"dtype":"U8","shape":[0],"data_offsets":[0,0]'
  /** Prints the peak resident size of the process at its end, in KiB. */
  const PROBE = "process.on('exit', () => console.error(`\\n${process.resourceUsage().maxRSS}`))"

  let base: number | undefined

  async function measurePeakMemory(header: string) {
    const cwd = createTempFolder()
    writeFileSync(join(cwd, 'probe.mjs'), PROBE)
    const prefix = Buffer.alloc(8)
    prefix.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
    writeFileSync(join(cwd, 'x.safetensors'), Buffer.concat([prefix, Buffer.from(header)]))
    const options = `NODE_OPTIONS=--max-old-space-size=200 --import=${join(cwd, 'probe.mjs')}`
    const { code, stderr } = await runSimdinit(['inspect', 'x.safetensors', '--quiet'], {
      cwd,
      prefix: ['env', options],
    })
    const [message, size] = stderr.trim().split(/\n+(?=\d+$)/)
    return size === undefined
      ? { code, message: '', size: Number(message) * 1024 }
      : { code, message, size: Number(size) * 1024 }
  }

  itSlow.each<[string, number, RegExp, string, (i: number) => string, string, string?]>([
    [
      'tensors',
      2,
      /it lists \d+ tensors, which exceeds the limit/,
      '{',
      (i) => `"${i.toString(36)}":["U8",[0],[0,0]]`,
      '}',
    ],
    ['tensors of one name', 0, /^$/, '{', () => '"a":["U8",[0],[0,0]]', '}'],
    ['dimensions', 2, /a tensor has \d+ dimensions/, '{"a":["U8",[0,', () => '1', '],[0,0]]}'],
    ['texts', 0, /^$/, '{"__metadata__":{', (i) => `"${i.toString(36)}":""`, '}}'],
    ['fields', 0, /^$/, `{"a":{${NOTHING},"x":{`, (i) => `"${i}":{}`, '}}}'],
    ['escapes in a name', 0, /^$/, '{"', () => '\\n\\u00e9', `":{${NOTHING}}}`, ''],
    ['brackets', 2, /nested too deeply/, '{"a":{"x":', () => '[', '}}', ''],
  ])(
    'takes at most five times its size: millions of %s',
    async (_, code, message, head, item, tail, comma = ',') => {
      const parts: string[] = []
      for (let i = 0, length = 0; length < BYTES; i++) length += parts[parts.push(item(i)) - 1].length + 1
      const found = await measurePeakMemory(head + parts.join(comma) + tail)
      expect(found).toMatchObject({ code, message: expect.stringMatching(message) })
      base ??= (await measurePeakMemory('{}')).size
      expect(found.size - base).toBeLessThan(5 * BYTES)
    },
  )
})

describe('reports', () => {
  const evil = '<script>alert(1)</script>"&\u001b[31m\u202e'

  it('escape names of tensors', async () => {
    const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), {
      [evil]: { data: Float32Array.of(NaN, 1) },
    })
    const result = await inspect(path)
    const html = [...renderHtmlReport(result)].join('')
    for (const raw of ['<script', '\u001b', '\u202e']) expect(html).not.toContain(raw)
    expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#38;\\u{1b}[31m\\u{202e}')
    const text = reportInspect(result).map(escapeControlChars).join('\n')
    for (const raw of ['\u001b', '\u202e']) expect(text).not.toContain(raw)
  })

  it('draw a bar for every bin that is not empty', () => {
    expect(formatHistogram([0, 1, 400, 800], 4)).toBe(' ▁▄█')
    expect(formatHistogram([0, 0, 0, 0], 2)).toBe('  ')
  })

  it('are text, JSON and one self-contained HTML file; invalid files are an error, findings are not', async () => {
    const folder = createTempFolder()
    const path = writeSafetensors(join(folder, 'a.safetensors'), { w: await sample(normal(), [64, 64]) })
    const html = join(folder, 'report.html')
    const { code, stdout } = await runSimdinit(['inspect', path, '--html', html])
    expect(code).toBe(0)
    expect(stdout).toMatch(/w +F32 +64 x 64 .*[▁▂▃▄▅▆▇█]+.* normal: std 1/)
    const page = readFileSync(html, 'utf8')
    expect(page).toMatch(/<svg role="img" aria-label="histogram from -[\d.]+ to [\d.]+"/)
    expect(page).not.toMatch(/(?:src|href)=|url\(|@import/)
    const json = JSON.parse((await runSimdinit(['inspect', path, '--json'])).stdout)
    expect(json.tensors[0]).toMatchObject({ name: 'w', dtype: 'F32', statistics: { count: 4096 } })

    writeFileSync(path, readFileSync(path).subarray(0, -1))
    const bad = await runSimdinit(['inspect', path])
    expect([bad.code, bad.stdout]).toEqual([2, ''])
    expect(bad.stderr).toMatch(
      /^simdinit: .*a\.safetensors: it has \d+ bytes, but its header requires \d+\n$/,
    )
  })
})

/** Creates a checkpoint that is large enough for a wrong std to show. */
async function createCheckpoint(): Promise<string> {
  const folder = createTempFolder()
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...TINY_CONFIG, n_embd: 64, vocab_size: 500 }))
  const out = join(folder, 'out')
  await init(folder, { out, threads: 1 })
  return out
}

/** Replaces the values of a tensor in the file. */
async function overwrite(folder: string, name: string, { data }: { data: ArrayBufferView }): Promise<void> {
  const path = join(folder, 'model.safetensors')
  const bytes = readFileSync(path)
  const length = Number(bytes.readBigUInt64LE())
  const [begin] = JSON.parse(bytes.subarray(8, 8 + length).toString())[name].data_offsets
  bytes.set(bytesOf(data), 8 + length + begin)
  writeFileSync(path, bytes)
}
