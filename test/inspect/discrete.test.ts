/** Tensors of few distinct values: no normal and no uniform law is near them. */

import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normal, createEngine, type DtypeName } from '../../src/index.ts'
import { computeKsDistance, BucketCounter } from '../../src/inspect/histogram.ts'
import { createBlobSource, describeNearest, inspectFiles } from '../../src/inspect/index.ts'
import { inspect } from '../../src/node/index.ts'
import { encode, type Dtype } from '../../src/numeric/dtypes.ts'
import type { StoredDtype } from '../../src/safetensors/index.ts'
import { createTempFolder } from '../support/run-simdinit.ts'
import { writeSafetensors, type TensorSpec } from '../support/stored.ts'

const SIDE = 48
const fill = (value: (row: number, column: number) => number, side = SIDE) =>
  Float32Array.from({ length: side * side }, (_, i) => value(Math.floor(i / side), i % side))

const MASK = fill((row, column) => (column <= row ? 1 : 0))
const IDENTITY = fill((row, column) => (row === column ? 1 : 0))
const ONE_HOT = fill((row, column) => (row === 0 && column === 5 ? 1 : 0))
const SIGNS = fill((row, column) => ((7 * row + 3 * column) % 5 < 2 ? -0.5 : 0.5))
const TERNARY = fill((row, column) => ((7 * row + 5 * column) % 3) - 1)

function count(values: Float32Array): [number[], number[]] {
  const distinct = [...new Set(values)].toSorted((a, b) => a - b)
  return [distinct, distinct.map((value) => values.filter((other) => other === value).length)]
}

/** The distance by its definition, on both sides of each value. */
function computeDistance(values: Float32Array, cdf: (x: number) => number): number {
  const [distinct, counts] = count(values)
  let below = 0
  return Math.max(
    ...distinct.flatMap((value, i) => {
      const sides = [below, (below += counts[i])].map((sum) => sum / values.length)
      return sides.map((side) => Math.abs(side - cdf(value)))
    }),
  )
}

const inspectOne = async (tensor: TensorSpec, backend: 'wasm' | 'js' = 'wasm') => {
  const path = writeSafetensors(join(createTempFolder(), 'a.safetensors'), { w: tensor })
  return inspect(path, { backend })
}

describe('the distance to a law', () => {
  it('is that of the definition, to within a bucket: both sides of each jump count', () => {
    const cdf = (x: number) => Math.min(1, Math.max(0, (x + 2) / 4))
    const levels = fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(levels, fc.array(fc.nat(4), { minLength: 8, maxLength: 99 }), (levels, picks) => {
        const values = Float32Array.from(picks, (pick) => levels[pick % levels.length])
        const counter = new BucketCounter()
        counter.addFinite(values)
        const found = computeKsDistance(counter.toBuckets('F32'), cdf)
        expect(Math.abs(found - computeDistance(values, cdf))).toBeLessThan(2 / 128)
      }),
    )
  })

  it.each(['f8_e4m3', 'f8_e5m2'] as const)('leaves out what rounding to %s moves', async (dtype) => {
    const engine = await createEngine({ threads: 1 })
    try {
      // at 0.002, f8_e4m3 has a handful of values, all of them subnormal
      for (const std of [0.02, 0.002]) {
        const { data } = await engine.tensor([256, 256], normal({ std }), {
          name: 'w',
          dtype: dtype as DtypeName,
        })
        const { tensors } = await inspectOne({
          data: data as Uint8Array,
          dtype: dtype.toUpperCase() as StoredDtype,
        })
        expect(tensors[0].nearest).toMatchObject({ fits: true, distribution: { type: 'normal' } })
        expect(tensors[0].nearest!.distance).toBeLessThan(0.02)
      }
    } finally {
      await engine.close()
    }
  })
})

describe('a tensor of few values', () => {
  const tensors = { MASK, IDENTITY, ONE_HOT, SIGNS, TERNARY }

  it.each(Object.entries(tensors))('is reported with their counts: %s', async (_, values) => {
    const [distinct, counts] = count(values)
    const encodeAll = (dtype: Exclude<Dtype, 'f32'>) => Array.from(values, (x) => encode(dtype, x))
    const forms: TensorSpec[] = [
      { data: values },
      { data: Float64Array.from(values), dtype: 'F64' },
      { data: Uint16Array.from(encodeAll('bf16')), dtype: 'BF16' },
      { data: Uint16Array.from(encodeAll('f16')), dtype: 'F16' },
      { data: Uint8Array.from(encodeAll('f8_e4m3')), dtype: 'F8_E4M3' },
      { data: Uint8Array.from(encodeAll('f8_e5m2')), dtype: 'F8_E5M2' },
      ...(values === SIGNS ? [] : [{ data: Int8Array.from(values), dtype: 'I8' } as const]),
    ]
    for (const form of forms) {
      const expected = {
        distribution: { type: 'discrete', values: distinct, counts },
        distance: 0,
        fits: true,
      }
      for (const backend of ['wasm', 'js'] as const) {
        const [tensor] = (await inspectOne(form, backend)).tensors
        expect(tensor.nearest, form.dtype).toEqual(expected)
      }
    }
  })

  it('is so over many chunks, with counted bit patterns, and among NaN', async () => {
    const large = Float32Array.from({ length: 2 ** 18 }, (_, i) => (i % 5 === 0 ? 0.25 : -0))
    const counts = [large.length - Math.ceil(large.length / 5), Math.ceil(large.length / 5)]
    const patterns = Uint16Array.from(large, (x) => encode('bf16', x))
    for (const form of [{ data: large }, { data: patterns, dtype: 'BF16' } as const]) {
      const [tensor] = (await inspectOne(form)).tensors
      expect(tensor.nearest?.distribution).toEqual({ type: 'discrete', values: [0, 0.25], counts })
    }
    const [tensor] = (await inspectOne({ data: Float32Array.from([NaN, ...MASK]) })).tensors
    expect(tensor.nearest?.distribution).toMatchObject({ type: 'discrete', values: [0, 1] })
  })

  it('is described by its values, or by their number and range', async () => {
    const nearest = async (data: Float32Array) => describeNearest((await inspectOne({ data })).tensors[0])
    expect(await nearest(MASK)).toBe('discrete: 0 (1128), 1 (1176)')
    expect(await nearest(fill((row) => row % 10))).toBe('discrete: 10 values from 0 to 9')
    expect(await nearest(fill((row) => (row % 17) ** 3))).toMatch(/^none \(closest: /)
  })

  it('has no outlier if the largest value occurs often, as in an identity matrix', async () => {
    const side = 1024
    const identity = fill((row, column) => (row === column ? 1 : 0), side)
    expect((await inspectOne({ data: identity, shape: [side, side] })).findings).toEqual([])
    identity.fill(0)[5] = 1
    expect((await inspectOne({ data: identity, shape: [side, side] })).findings).toMatchObject([
      { kind: 'outliers' },
    ])
  })
})

describe('one name in two files', () => {
  const write = (folder: string, file: string, data: Float32Array, shape?: number[]) =>
    writeSafetensors(join(folder, file), { w: { data, shape } })

  it.each([
    ['other values', Float32Array.of(1, 2, 3, 5), [4]],
    ['another shape', Float32Array.of(1, 2, 3, 4), [2, 2]],
    ['constant values', new Float32Array(4), [4]],
  ])('is a finding if they have %s', async (_, data, shape) => {
    const folder = createTempFolder()
    write(folder, 'a.safetensors', Float32Array.of(1, 2, 3, 4))
    write(folder, 'b.safetensors', data, shape)
    const { findings } = await inspect(folder)
    expect(findings[0]).toEqual({
      kind: 'names',
      about: 'w',
      tensors: ['w'],
      text: 'has different values in a.safetensors, b.safetensors',
    })
  })

  it('is a duplicate if all is the same, and nothing if both are empty', async () => {
    const files = (data: Float32Array<ArrayBuffer>) =>
      ['a', 'b'].map((name) => {
        const header = JSON.stringify({
          w: { dtype: 'F32', shape: [data.length], data_offsets: [0, data.byteLength] },
        })
        return {
          name,
          source: createBlobSource(new Blob([BigUint64Array.of(BigInt(header.length)), header, data])),
        }
      })
    expect((await inspectFiles(files(Float32Array.of(1, 2)))).findings).toMatchObject([{ kind: 'duplicate' }])
    expect((await inspectFiles(files(new Float32Array()))).findings).toEqual([])
  })
})
