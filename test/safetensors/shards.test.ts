/** Splitting a model into files: the same as huggingface_hub and transformers, to the byte of the index. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planModel } from '../../src/models/index.ts'
import {
  computeByteLength,
  formatIndex,
  DEFAULT_MAX_SHARD_SIZE,
  parseShardSize,
  splitIntoShards,
} from '../../src/safetensors/index.ts'
import { compareCodePoints } from '../../src/safetensors/encode-header.ts'
import fixture from '../fixtures/shards.json' with { type: 'json' }
import { TINY_CONFIG } from '../support/run-simdinit.ts'

const tensor = (name: string, bytes: number) => ({ name, dtype: 'f32' as const, shape: [bytes / 4] })

describe('a checkpoint is split as on the Hugging Face Hub', () => {
  it.each(fixture.saved.map((saved) => [JSON.stringify(saved.config), saved.maxShardSize, saved] as const))(
    '%s at %s: files, sizes and index equal those of save_pretrained',
    (_, maxShardSize, { config, files, index }) => {
      const plan = planModel(config, { maxShardSize })
      expect(plan.files.map(({ name, bytes }) => [name, bytes])).toEqual(files)
      if (index !== null) expect(formatIndex(plan.files, plan.parameters)).toBe(index)
    },
  )

  it.each(fixture.splits.map((example, i) => [i, example] as const))(
    'list %i of sizes is split as by split_state_dict_into_shards_factory',
    (_, { limit, sizes, files }) => {
      const shards = splitIntoShards(
        sizes.map((bytes, i) => tensor(String(i), bytes)),
        limit,
      )
      expect(shards.map((shard) => [shard.name, shard.tensors.map((t) => Number(t.name))])).toEqual(files)
    },
  )

  it.each(fixture.grouped.map((example) => [example.limit, example] as const))(
    'experts that share one storage are in one file, at %i bytes',
    (limit, { tensors, index }) => {
      const entries = (tensors as [string, number, number][]).map(([name, bytes, group]) => ({
        ...tensor(name, bytes),
        group: String(group),
      }))
      const { total_parameters: parameters } = JSON.parse(index).metadata
      expect(formatIndex(splitIntoShards(entries, limit), parameters)).toBe(index)
    },
  )

  it.each(fixture.sizes as [string, number][])('%s is %i bytes', (text, bytes) => {
    expect(parseShardSize(text)).toBe(bytes)
  })

  it('each tensor is in one file, and only a file of one tensor exceeds the limit', () => {
    const sizes = fc.array(
      fc.nat(50).map((n) => 4 * n),
      { minLength: 1, maxLength: 40 },
    )
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 200 }), (sizes, limit) => {
        const entries = sizes.map((bytes, i) => tensor(String(i), bytes))
        const shards = splitIntoShards(entries, limit)
        const all = shards
          .flatMap(({ tensors }) => tensors)
          .toSorted((a, b) => Number(a.name) - Number(b.name))
        expect(all).toEqual(entries)
        expect(new Set(shards.map(({ name }) => name)).size).toBe(shards.length)
        for (const { tensors } of shards) {
          const bytes = tensors.reduce((sum, entry) => sum + computeByteLength(entry), 0)
          expect(bytes <= limit || tensors.length === 1).toBe(true)
          expect(tensors.length).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('the default limit is 5 GB, as in huggingface_hub', () => {
    expect(parseShardSize(DEFAULT_MAX_SHARD_SIZE)).toBe(5e9)
    const model = { ...TINY_CONFIG, vocab_size: 2 ** 24, n_embd: 64 } // an embedding of 4.29 GB
    expect(planModel(model).files).toHaveLength(1)
    expect(planModel({ ...model, n_positions: 2 ** 23 }).files).toHaveLength(2)
  })
})

describe('the index', () => {
  it('escapes all but printable ASCII, and sorts by code points, as Python does', () => {
    const shards = [{ name: 'a', tensors: [tensor('😀"\u007f', 4), tensor('\uFFFD\n', 4), tensor('é', 8)] }]
    // python3 -c 'import json; print(json.dumps({"metadata": …, "weight_map": {…}}, indent=2, sort_keys=True))'
    expect(formatIndex(shards, 4)).toBe(`{
  "metadata": {
    "total_parameters": 4,
    "total_size": 16
  },
  "weight_map": {
    "\\u00e9": "a",
    "\\ufffd\\n": "a",
    "\\ud83d\\ude00\\"\\u007f": "a"
  }
}
`)
  })

  it('is sorted by UTF-8 bytes', () => {
    const sign = (n: number) => Math.sign(n)
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(sign(compareCodePoints(a, b))).toBe(sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
      }),
    )
    expect(compareCodePoints('\uFFFD', '😀')).toBeLessThan(0)
  })
})

describe('an invalid split', () => {
  it.each([0, -1, 0.5, NaN, '', 'GB', '5GiB', '5 XB', '1e3', '-1KB', '0KB', '0.0001KB', '1e400TB', null, {}])(
    'by %j throws a descriptive error',
    (maxShardSize) => {
      expect(() => planModel(TINY_CONFIG, { maxShardSize: maxShardSize as string })).toThrow(
        expect.objectContaining({
          name: 'InputError',
          message: expect.stringMatching(
            /^"maxShardSize" must be a number of bytes or a string such as '5GB' \(KB, MB, GB, TB\); received /,
          ),
        }),
      )
    },
  )

  it('with a duplicate tensor name throws, even if the two would be in different files', () => {
    expect(() => splitIntoShards([tensor('a', 8), tensor('b', 8), tensor('a', 8)], 8)).toThrow(
      '"name" must be unique; received "a" twice',
    )
  })
})
