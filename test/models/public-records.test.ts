/** Public records are plain data: copies by spreading, JSON or structuredClone have every field. */

import { describe, expect, it } from 'vitest'
import { createManifest, listTensorInfo, planModel } from '../../src/models/index.ts'
import { layoutFile, readHeader, writeSafetensors } from '../../src/safetensors/index.ts'
import { TINY_CONFIG } from '../support/run-simdinit.ts'

const plan = planModel(TINY_CONFIG, { slice: ['**.c_fc.weight:dim=1:0/2'] })
const layout = layoutFile([{ name: 'w', dtype: 'f32', shape: [2, 3] }])

async function readOwnFile() {
  const file = new Uint8Array(layout.bytes)
  await writeSafetensors(layout, [new Uint8Array(24)], (bytes, at) => file.set(bytes, at))
  return readHeader({ size: file.length, read: (at, length) => file.slice(at, at + length) })
}

const records: [string, () => object | Promise<object>][] = [
  ['a plan', () => plan],
  ['a planned tensor', () => plan.files[0].tensors[0]],
  ['a sliced tensor', () => plan.files[0].tensors.find(({ slice }) => slice)!],
  ['the info of a tensor', () => listTensorInfo(plan)[0]],
  ['a manifest', () => createManifest(plan, { seed: '0', package: 'p', configDigest: 'c', digests: ['d'] })],
  ['the layout of a file', () => layout],
  ['the header of a file', readOwnFile],
  ['a stored tensor', async () => (await readOwnFile()).tensors[0]],
]

describe('copies of public records have every field', () => {
  it.each(records)('%s', async (_, create) => {
    const record = await create()
    const copies = [{ ...record }, JSON.parse(JSON.stringify(record)), structuredClone(record)]
    for (const copy of copies) expect(copy).toStrictEqual(record)
  })

  it('including those of a planned tensor', () => {
    const tensor = plan.files[0].tensors.find(({ name }) => name.endsWith('h.0.attn.c_attn.weight'))
    expect({ ...tensor }).toMatchObject({
      name: 'transformer.h.0.attn.c_attn.weight',
      dtype: 'f32',
      shape: [8, 24],
      layout: 'io',
      strategy: { type: 'normal', std: 0.02 },
      distribution: { type: 'normal', std: 0.02 },
      begin: expect.any(Number),
      end: expect.any(Number),
    })
  })
})
