/**
 * Families against transformers itself: the fixtures record what `save_pretrained` wrote, and the values of seeded
 * models (`scripts/fixtures/make-transformers-fixture.py`).
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, DTYPES, effectiveStd, type Dtype, type Engine } from '../../src/index.ts'
import {
  KNOWN_DEVIATIONS,
  FAMILIES,
  matchesPattern,
  planModel,
  type PlannedTensor,
} from '../../src/models/index.ts'
import { Config } from '../../src/models/model-config.ts'
import { resolveFamily } from '../../src/models/families/family-registry.ts'
import { RunningStats } from '../../src/numeric/running-stats.ts'
import { layoutFile } from '../../src/safetensors/index.ts'
import { computeExtremeProbabilities } from '../support/order-statistics.ts'
import { pickByTier } from '../support/tier.ts'

type Row = [
  name: string,
  dtype: string,
  shape: number[],
  mean: number,
  std: number,
  min: number,
  max: number,
  zeros: number,
]

interface Case {
  label: string
  config: Record<string, unknown>
  fileBytes: number
  parameters: number
  tensors: Row[] | number
  /** The number of tensors in each shard for the smallest limit, if any shard has more than one. */
  shards?: number[]
  /** The number of each tensor's file, in the order of `tensors`, where a file holds `limit` bytes. */
  files?: { limit: number; numbers: number[] }
  sha256?: string
}

/** The accepted probability of a false alarm, over about ten thousand comparisons. */
const NEVER = 1e-9

const NAMES: Readonly<Record<string, Dtype>> = { F32: 'f32', BF16: 'bf16', F16: 'f16' }

const fixtures = readdirSync('test/fixtures/models').map((file) => {
  const { transformers, models } = JSON.parse(readFileSync(`test/fixtures/models/${file}`, 'utf8'))
  return { type: file.replace('.json', ''), transformers, models: models as Case[] }
})
const cases = fixtures.flatMap(({ type, models }) =>
  models.map((model) => [type, model.label, model] as const),
)
const tiny = cases.filter(([, , { tensors }]) => Array.isArray(tensors))
const real = cases.filter(([, , { tensors }]) => !Array.isArray(tensors))

/** The planned tensors, in the order in which they are split into files. */
function planned(config: object): PlannedTensor[] {
  const found = resolveFamily(new Config(config))
  const byName = new Map(planModel(config).files.flatMap(({ tensors }) => tensors.map((t) => [t.name, t])))
  const { parameters } = found.family.buildModel(new Config(config), found.architecture)
  return [...parameters].map(({ name }) => byName.get(name)!)
}

const byNumber = new Intl.Collator('en', { numeric: true }).compare

it('every family has a fixture, made with one version of transformers', () => {
  expect(fixtures.map(({ type }) => type).toSorted()).toEqual(FAMILIES.map(({ type }) => type).toSorted())
  expect(new Set(fixtures.map(({ transformers }) => transformers)).size).toBe(1)
  for (const { models } of fixtures) expect(models.some(({ files }) => files)).toBe(true)
})

describe('names, shapes, dtypes, order and file size equal those of save_pretrained', () => {
  it.each(tiny)('%s, %s', (_, __, { config, tensors, fileBytes, parameters, shards }) => {
    const plan = planModel(config)
    const got = planned(config)
    const rows = tensors as Row[]
    expect(got.map(({ name, dtype, shape }) => [name, dtype, [...shape]])).toEqual(
      rows.map(([name, dtype, shape]) => [name, NAMES[dtype], shape]),
    )
    expect(plan.files.map(({ name, bytes }) => [name, bytes])).toEqual([['model.safetensors', fileBytes]])
    expect(plan.parameters).toBe(parameters)
    const smallest = planModel(config, { maxShardSize: 1 }).files
    expect(smallest.map(({ tensors }) => tensors.length)).toEqual(shards ?? rows.map(() => 1))
    const inOrder = smallest.flatMap(({ tensors }) => tensors.map(({ name }) => name).toSorted(byNumber))
    expect(inOrder).toEqual(rows.map(([name]) => name))
  })

  it.each(tiny.filter(([, , { files }]) => files))(
    '%s, %s, in several files',
    (_, __, { config, tensors, files }) => {
      const { limit, numbers } = files!
      const plan = planModel(config, { maxShardSize: limit })
      const homes = new Map(plan.files.flatMap(({ name, tensors }) => tensors.map((t) => [t.name, name])))
      const count = Math.max(...numbers)
      const five = (n: number) => String(n).padStart(5, '0')
      const wanted = numbers.map((n) => `model-${five(n)}-of-${five(count)}.safetensors`)
      expect((tensors as Row[]).map(([name]) => homes.get(name))).toEqual(wanted)
    },
  )

  it.each(pickByTier(4, real))('%s, %s', (_, __, { config, tensors, fileBytes, parameters, sha256 }) => {
    const got = planned(config)
    const kinds = Object.entries(NAMES)
    const lines = got.map(({ name, dtype, shape }) => {
      const kind = kinds.find(([, own]) => own === dtype)![0]
      return `${name} ${kind} ${shape.join(',')}\n`
    })
    expect(got.length).toBe(tensors)
    expect(createHash('sha256').update(lines.join('')).digest('hex')).toBe(sha256)
    expect(layoutFile(got).bytes).toBe(fileBytes)
    expect(planModel(config).parameters).toBe(parameters)
  })
})

describe('values match a seeded model of transformers, within sampling error', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await createEngine()
  })
  afterAll(() => engine.close())

  it.each(pickByTier(15, tiny))('%s, %s', (type, __, { config, tensors }) => {
    const got = planned(config)
    for (const [i, [name, , , mean, std, min, max, zeros]] of (tensors as Row[]).entries()) {
      const departs = KNOWN_DEVIATIONS.some(
        (d) => d.family === type && d.stillPresent && matchesPattern(d.match, name),
      )
      if (departs) continue
      const { distribution, strategy, shape, dtype } = got[i]
      const n = shape.reduce((a, b) => a * b, 1)
      const grid = { f32: 2 ** -22, bf16: 2 ** -8, f16: 2 ** -10 }[dtype as 'f32']
      const values = new Float32Array(n)
      engine.fillSync(values, strategy, { name, shape, layout: got[i].layout })
      const ours = new RunningStats()
      ours.add(values, 'f32')
      const lowest = values.reduce((a, b) => Math.min(a, b))
      const highest = values.reduce((a, b) => Math.max(a, b))
      const wanted = effectiveStd(distribution)
      const drawn = wanted > 0
      if (!drawn) {
        // each element is a function of its position
        const near = (x: number) => grid * Math.max(Math.abs(min), Math.abs(max), 1e-30) + Math.abs(x) * 1e-5
        expect(Math.abs(ours.mean - mean), name).toBeLessThanOrEqual(near(mean))
        expect(Math.abs(ours.std - std), name).toBeLessThanOrEqual(near(std))
        expect(lowest, name).toBeCloseTo(min, grid > 1e-4 ? 2 : 5)
        expect(highest, name).toBeCloseTo(max, grid > 1e-4 ? 2 : 5)
      } else {
        const reach = 6 // standard errors; kurtosis is at most that of a normal
        expect(Math.abs(std / wanted - 1), `${name}: ${std} for ${wanted}`).toBeLessThan(
          reach / Math.sqrt(2 * n) + grid,
        )
        expect(Math.abs(mean - ours.mean), name).toBeLessThan((1.5 * reach * wanted) / Math.sqrt(n))
        // the fixture lists six digits of values that were rounded to the dtype
        for (const [extremes, error] of [
          [{ min: lowest, max: highest }, 2 ** -22],
          [{ min, max }, grid + 1e-5],
        ] as const) {
          const chance = Math.min(...computeExtremeProbabilities(extremes, distribution, n - zeros, error))
          expect(chance, `${name}: ${JSON.stringify(extremes)}`).toBeGreaterThan(NEVER)
        }
      }
      expect(values.filter((x) => x === 0).length, name).toBe(zeros)
    }
  })
})

describe('known deviations of hf from transformers', () => {
  it.each(KNOWN_DEVIATIONS.map((d) => [d.family, d.match, d] as const))(
    '%s, %s: the tensor exists, and an issue is cited',
    (type, match, { issue }) => {
      const [, , { config }] = tiny.find(([family]) => family === type)!
      expect(planned(config).some(({ name }) => matchesPattern(match, name))).toBe(true)
      expect(issue).toMatch(/^[\w-]+\/[\w-]+#\d+$/)
    },
  )
})

it('the dtypes of the fixtures are known', () => {
  expect(Object.values(NAMES).every((dtype) => DTYPES.includes(dtype))).toBe(true)
})
