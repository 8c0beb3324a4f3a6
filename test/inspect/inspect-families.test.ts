/** Every family: all tensors of a fresh checkpoint match the recipe, and each inserted fault is found. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { InspectedTensor } from '../../src/inspect/index.ts'
import { init, inspect } from '../../src/node/index.ts'
import { createTempFolder } from '../support/run-simdinit.ts'
import { byTier, pickByTier } from '../support/tier.ts'

interface ModelCase {
  readonly label: string
  readonly config: object
  readonly tensors: unknown
}

const families = readdirSync('test/fixtures/models').map((file) => {
  const { models } = JSON.parse(readFileSync(`test/fixtures/models/${file}`, 'utf8'))
  const tiny = (models as ModelCase[]).filter(({ tensors }) => Array.isArray(tensors))
  return [file.replace('.json', ''), tiny] as const
})

async function createCheckpoint({ config }: ModelCase): Promise<string> {
  const folder = createTempFolder()
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const out = join(folder, 'out')
  await init(folder, { out, threads: 1 })
  return out
}

/** Tensors that the recipe samples from a normal, the largest first. */
function listNormalTensors(tensors: readonly InspectedTensor[]): InspectedTensor[] {
  return tensors
    .filter(({ expected }) => expected?.distribution.type === 'normal')
    .toSorted((a, b) => b.bytes - a.bytes)
}

/** Changes values of f32 tensors in the file. */
function changeValues(
  folder: string,
  names: readonly string[],
  change: (...values: Float32Array[]) => void,
): void {
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

describe('values of a formula', () => {
  it.each([
    ['mamba', 'backbone.layers.1.mixer.A_log'],
    ['whisper', 'model.encoder.embed_positions.weight'],
  ])('are compared with it: %s, %s', async (type, name) => {
    const folder = await createCheckpoint(families.find(([family]) => family === type)![1][0])
    changeValues(folder, [name], (values) => values.fill(0.5, 0, values.length / 4))
    expect((await inspect(folder)).findings).toMatchObject([
      { kind: 'recipe', about: name, text: expect.stringMatching(/the recipe expects those of \w+$/) },
    ])
  })
})

describe.each(pickByTier(2, families))('%s', (_, models) => {
  it('matches its recipe for every config', async () => {
    for (const model of models.slice(0, byTier(1, models.length))) {
      const { tensors, findings } = await inspect(await createCheckpoint(model))
      const mismatched = tensors.filter(({ expected }) => !expected?.explained).map(({ name }) => name)
      expect({ label: model.label, findings, mismatched }).toEqual({
        label: model.label,
        findings: [],
        mismatched: [],
      })
    }
  })

  it('finds a std that differs from the recipe', async () => {
    const folder = await createCheckpoint(models[0])
    const [{ name }] = listNormalTensors((await inspect(folder)).tensors)
    changeValues(folder, [name], (values) => values.forEach((value, i) => (values[i] = 1.5 * value)))
    expect((await inspect(folder)).findings).toMatchObject([{ kind: 'recipe', about: name }])
  })

  it('finds duplicates and repetitions', async () => {
    const folder = await createCheckpoint(models[0])
    const tensors = listNormalTensors((await inspect(folder)).tensors)
    const haveSameShape = (a: InspectedTensor, b: InspectedTensor) => a.shape.join() === b.shape.join()
    const first = tensors.find((a) => tensors.some((b) => a !== b && haveSameShape(a, b)))!
    const second = tensors.find((b) => b !== first && haveSameShape(first, b))!
    changeValues(folder, [first.name, second.name], (from, to) => to.set(from))
    const repeated = tensors.find(({ shape, bytes }) => shape[0] % 2 === 0 && bytes >= 4 * 8192)
    if (repeated) changeValues(folder, [repeated.name], (values) => values.copyWithin(values.length / 2, 0))
    const { findings } = await inspect(folder)
    const ofKind = (kind: string) => findings.filter((finding) => finding.kind === kind)
    expect(ofKind('duplicate').map(({ tensors }) => tensors.toSorted())).toEqual([
      [first.name, second.name].toSorted(),
    ])
    expect(ofKind('repeats').map(({ about }) => about)).toEqual(repeated ? [repeated.name] : [])
  })

  it('finds a value a thousand sigma from the mean', async () => {
    const folder = await createCheckpoint(models[0])
    const [{ name, statistics }] = listNormalTensors((await inspect(folder)).tensors)
    changeValues(folder, [name], (values) => (values[7] = -1000 * statistics!.std))
    const outliers = (await inspect(folder)).findings.filter(({ kind }) => kind === 'outliers')
    expect(outliers).toMatchObject([{ about: name, text: expect.stringMatching(/is \d{3,4}(\.\d+)? sigma/) }])
  })
})
