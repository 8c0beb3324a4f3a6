/** Every family: a fresh checkpoint is as its recipe in every tensor, and a fault put into it is said. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { InspectedTensor } from '../../src/inspect/index.ts'
import { init, inspect } from '../../src/node/index.ts'
import { createTempFolder } from '../support/run-simdinit.ts'
import { byTier, pickByTier } from '../support/tier.ts'

interface Case {
  readonly label: string
  readonly config: object
  readonly tensors: unknown
}

const families = readdirSync('test/fixtures/models').map((file) => {
  const { models } = JSON.parse(readFileSync(`test/fixtures/models/${file}`, 'utf8'))
  const tiny = (models as Case[]).filter(({ tensors }) => Array.isArray(tensors))
  return [file.replace('.json', ''), tiny] as const
})

async function checkpoint({ config }: Case): Promise<string> {
  const folder = createTempFolder()
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const out = join(folder, 'out')
  await init(folder, { out, threads: 1 })
  return out
}

/** Matrices that are drawn from a normal, the largest first. */
function drawn(tensors: readonly InspectedTensor[]): InspectedTensor[] {
  return tensors
    .filter(({ expected }) => expected?.distribution.type === 'normal')
    .toSorted((a, b) => b.bytes - a.bytes)
}

/** Changes values of f32 where they lie. */
function change(folder: string, names: readonly string[], change: (...values: Float32Array[]) => void): void {
  const path = join(folder, 'model.safetensors')
  const file = readFileSync(path)
  const start = 8 + Number(file.readBigUInt64LE())
  const header = JSON.parse(file.toString('utf8', 8, start))
  const places = names.map((name) => header[name].data_offsets.map((at: number) => start + at))
  const values = places.map(([from, to]) => new Float32Array(new Uint8Array(file.subarray(from, to)).buffer))
  change(...values)
  for (const [i, [from]] of places.entries()) file.set(new Uint8Array(values[i].buffer), from)
  writeFileSync(path, file)
}

describe('values that a formula gives', () => {
  it.each([
    ['mamba', 'backbone.layers.1.mixer.A_log'],
    ['whisper', 'model.encoder.embed_positions.weight'],
  ])('are held to it: %s, %s', async (type, name) => {
    const folder = await checkpoint(families.find(([family]) => family === type)![1][0])
    change(folder, [name], (values) => values.fill(0.5, 0, values.length / 4))
    expect((await inspect(folder)).findings).toMatchObject([
      { kind: 'recipe', about: name, text: expect.stringMatching(/the recipe expects those of \w+$/) },
    ])
  })
})

describe.each(pickByTier(4, families))('%s', (_, models) => {
  it('is as its recipe, whatever the config', async () => {
    for (const model of models.slice(0, byTier(1, models.length))) {
      const { tensors, findings } = await inspect(await checkpoint(model))
      const others = tensors.filter(({ expected }) => !expected?.explained).map(({ name }) => name)
      expect({ label: model.label, findings, others }).toEqual({
        label: model.label,
        findings: [],
        others: [],
      })
    }
  })

  it('says which std is not that of the recipe', async () => {
    const folder = await checkpoint(models[0])
    const [{ name }] = drawn((await inspect(folder)).tensors)
    change(folder, [name], (values) => values.forEach((value, i) => (values[i] = 1.5 * value)))
    expect((await inspect(folder)).findings).toMatchObject([{ kind: 'recipe', about: name }])
  })

  it('says which tensors are the same, and which is the same in parts', async () => {
    const folder = await checkpoint(models[0])
    const matrices = drawn((await inspect(folder)).tensors)
    const alike = (a: InspectedTensor, b: InspectedTensor) => a.shape.join() === b.shape.join()
    const first = matrices.find((a) => matrices.some((b) => a !== b && alike(a, b)))!
    const second = matrices.find((b) => b !== first && alike(first, b))!
    change(folder, [first.name, second.name], (from, to) => to.set(from))
    const parts = matrices.find(({ shape, bytes }) => shape[0] % 2 === 0 && bytes >= 4 * 8192)
    if (parts) change(folder, [parts.name], (values) => values.copyWithin(values.length / 2, 0))
    const { findings } = await inspect(folder)
    const said = (kind: string) => findings.filter((finding) => finding.kind === kind)
    expect(said('duplicate').map(({ tensors }) => tensors.toSorted())).toEqual([
      [first.name, second.name].toSorted(),
    ])
    expect(said('repeats').map(({ about }) => about)).toEqual(parts ? [parts.name] : [])
  })

  it('says where a value is a thousand sigma away', async () => {
    const folder = await checkpoint(models[0])
    const [{ name, statistics }] = drawn((await inspect(folder)).tensors)
    change(folder, [name], (values) => (values[7] = -1000 * statistics!.std))
    const outliers = (await inspect(folder)).findings.filter(({ kind }) => kind === 'outliers')
    expect(outliers).toMatchObject([{ about: name, text: expect.stringMatching(/is \d{3,4}(\.\d+)? sigma/) }])
  })
})
