/** Slices of tensors for tensor-parallel ranks equal the same part of the whole tensor, bit for bit. */

import fc from 'fast-check'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { splitPackedRange, generateRuns, type Slice } from '../../src/engine/element-ranges.ts'
import { listTensorInfo as report, planModel } from '../../src/models/index.ts'
import { init, verify } from '../../src/node/index.ts'
import { runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { createModelFolder } from '../support/folders.ts'
import { byTier, itSlow, pickByTier } from '../support/tier.ts'

/** The tensors of a checkpoint's only file, by name. */
function read(path: string) {
  const bytes = readFileSync(path)
  const end = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__: _, ...header } = JSON.parse(bytes.subarray(8, end).toString())
  return Object.entries<{ shape: number[]; data_offsets: [number, number] }>(header).map(([name, entry]) => {
    const [from, to] = entry.data_offsets
    return { name, shape: entry.shape, bytes: bytes.subarray(end + from, end + to) }
  })
}

/** Part `index` of `count` of packed 4-byte elements along an axis, copied element by element. */
function cutPlainly(bytes: Buffer, shape: number[], axis: number, index: number, count: number): Buffer {
  const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1)
  const length = shape[axis] / count
  const kept: Buffer[] = []
  for (let i = 0; i < bytes.length / 4; i++) {
    const along = Math.floor(i / inner) % shape[axis]
    if (Math.floor(along / length) === index) kept.push(bytes.subarray(4 * i, 4 * i + 4))
  }
  return Buffer.concat(kept)
}

describe('a slice', () => {
  const elements = (slice: Slice, shape: number[]) =>
    [...generateRuns(slice, shape)].flatMap(({ first, count }) =>
      Array.from({ length: count }, (_, i) => first + i),
    )

  it('consists of boxes, wherever it ends', () => {
    const axis = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 }), fc.nat(2))
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), (axes, a, b) => {
        const slice = axes.map(([start, length]) => [start, start + length] as const)
        const shape = axes.map(([start, length, rest]) => start + length + rest)
        const all = elements(slice, shape)
        const [from, to] = [a % (all.length + 1), b % (all.length + 1)].toSorted((x, y) => x - y)
        const boxes = [...splitPackedRange(slice, from, to)]
        expect(boxes.flatMap((box) => elements(box, shape))).toEqual(all.slice(from, to))
        expect(boxes.length).toBeLessThanOrEqual(2 * axes.length - 1)
      }),
      { numRuns: byTier(200, 1000) },
    )
  })
})

describe('init with slices', () => {
  const slices = (index: number, count: number) => [
    `**.c_attn.weight:dim=1:${index}/${count}`,
    `**.c_attn.bias:dim=0:${index}/${count}`,
    `**.c_proj.weight:dim=0:${index}/${count}`,
  ]

  it.each(byTier([64], [8, 64, 2 ** 20]))(
    'writes the same part of the whole checkpoint, in chunks of %i bytes',
    async (chunkBytes) => {
      const cwd = createModelFolder()
      const model = join(cwd, 'model')
      await init(model, { out: join(cwd, 'whole'), seed: 3 })
      const whole = new Map(
        read(join(cwd, 'whole', 'model.safetensors')).map((tensor) => [tensor.name, tensor]),
      )
      for (let index = 0; index < byTier(2, 4); index++) {
        const out = join(cwd, `part${index}`)
        await init(model, {
          out,
          seed: 3,
          slice: slices(index, 4),
          chunkBytes,
          backend: index % 2 ? 'js' : 'wasm',
        })
        for (const { name, shape, bytes } of read(join(out, 'model.safetensors'))) {
          const all = whole.get(name)
          if (!all) throw new Error(name)
          const axis = /c_attn.weight$/.test(name)
            ? 1
            : /c_attn.bias|c_proj.weight$/.test(name)
              ? 0
              : undefined
          const expected = axis === undefined ? all.bytes : cutPlainly(all.bytes, all.shape, axis, index, 4)
          expect(bytes.equals(expected), name).toBe(true)
          expect(shape).toEqual(all.shape.map((n, i) => (i === axis ? n / 4 : n)))
        }
        expect((await verify(out)).differences).toEqual([])
        expect((await verify(out, { sample: 30 })).differences).toEqual([])
      }
    },
  )

  itSlow('records them in the manifest, and rejects another slice in the same folder', async () => {
    const cwd = createModelFolder()
    const flags = slices(1, 2).flatMap((slice) => ['--slice', slice])
    expect(await runSimdinit(['init', 'model', '--quiet', ...flags], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
    })
    const manifest = JSON.parse(readFileSync(join(cwd, 'model-init', 'simdinit.json'), 'utf8'))
    expect(
      manifest.tensors.find(({ name }: { name: string }) => name.endsWith('h.1.attn.c_attn.weight')),
    ).toMatchObject({
      shape: [8, 12],
      slice: {
        of: [8, 24],
        ranges: [
          [0, 8],
          [12, 24],
        ],
      },
    })
    expect(manifest.tensors.filter(({ slice }: { slice?: object }) => slice)).toHaveLength(8)
    expect((await runSimdinit(['init', 'model', ...flags], { cwd })).stdout).toContain('nothing to do')
    for (const other of [[], ['--slice', '**.c_attn.bias:dim=0:1/2']]) {
      expect(await runSimdinit(['init', 'model', ...other], { cwd })).toMatchObject({
        code: 2,
        stderr:
          'simdinit: model-init contains a different checkpoint (different slices); use --force to replace it\n',
      })
    }
  })

  it('uses the fans and strategies of the whole tensors', () => {
    const recipe = { format: 1, rules: [{ match: '**', strategy: { type: 'heNormal', fanIn: 8 } }] }
    const tensor = (slice?: string[]) =>
      report(planModel(TINY_CONFIG, { recipe, slice })).find(
        ({ name }) => name === 'transformer.h.0.mlp.c_fc.weight',
      )
    expect(tensor(['**.c_fc.weight:dim=0:1/2'])).toEqual({
      ...tensor(),
      shape: [4, 32],
      bytes: 512,
      slice: {
        of: [8, 32],
        ranges: [
          [4, 8],
          [0, 32],
        ],
      },
    })
  })

  it.each<[string[], string]>(
    pickByTier(2, [
      [['**.weight'], '--slice must be a string such as "**.c_fc.weight:dim=1:2/8"; received "**.weight"'],
      [['**:dim=0:1'], '--slice must be a string such as "**.c_fc.weight:dim=1:2/8"; received "**:dim=0:1"'],
      [
        ['**.wte.weight:dim=0:2/2'],
        'the slice "**.wte.weight:dim=0:2/2" must have an index below its count; received 2/2',
      ],
      [
        ['**.wte.weight:dim=0:0/0'],
        'the slice "**.wte.weight:dim=0:0/0" must have an index below its count; received 0/0',
      ],
      [
        ['**.wte.weight:dim=0:0/2'],
        'the slice "**.wte.weight:dim=0:0/2" must divide axis 0 of transformer.wte.weight evenly; its size is 101',
      ],
      [
        ['**.ln_f.bias:dim=1:0/2'],
        'the slice "**.ln_f.bias:dim=1:0/2" needs axis 1; transformer.ln_f.bias has the shape [8]',
      ],
      [
        ['**.q_proj.weight:dim=0:0/2'],
        'the slice "**.q_proj.weight:dim=0:0/2" applies to no tensor: earlier slices match, or no name does',
      ],
      [
        ['**.c_fc.bias:dim=0:0/2', '**.c_fc.bias:dim=0:1/2'],
        'the slice "**.c_fc.bias:dim=0:1/2" applies to no tensor: earlier slices match, or no name does',
      ],
    ]),
  )('%j is rejected', async (slice, sentence) => {
    const cwd = createModelFolder()
    expect(
      await runSimdinit(['init', 'model', ...slice.flatMap((text) => ['--slice', text])], { cwd }),
    ).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `simdinit: ${sentence}\n`,
    })
  })

  it('a manifest with an invalid slice throws', async () => {
    const cwd = createModelFolder()
    const out = join(cwd, 'out')
    await init(join(cwd, 'model'), { out, slice: ['**.c_fc.bias:dim=0:0/2'] })
    const text = readFileSync(join(out, 'simdinit.json'), 'utf8')
    for (const [from, to, sentence] of [
      ['"ranges":[[0,16]]', '"ranges":[[0,17]]', 'simdinit.json: "slice" must be one of the shape [16]'],
      [
        '"ranges":[[0,16]]',
        '"ranges":[[20,36]]',
        'simdinit.json: "slice[0][1]" must be an integer from 20 to 32; received 36',
      ],
      [
        '"of":[32]',
        '"of":[32,1]',
        'simdinit.json: "slice" must be 2 pairs, one per axis of the shape; received [[0, 16]]',
      ],
    ]) {
      writeFileSync(join(out, 'simdinit.json'), text.replace(from, to))
      await expect(verify(out)).rejects.toThrow(sentence)
    }
  })
})
