/** A manifest is read line by line where it is as it was written, at once where it is not, and to the same end. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatManifest, createManifest, planModel, PRESETS, type Manifest } from '../../src/models/index.ts'
import { parseManifest, isSamePlan } from '../../src/node/read-manifest.ts'
import { TINY_CONFIG } from '../support/run-simdinit.ts'

const made = (config: object, options = {}) => {
  const digests = ['0'.repeat(64)]
  return createManifest(planModel(config, options), { seed: '1', package: 'p', configDigest: 'c', digests })
}
const texts = [
  made(TINY_CONFIG),
  made(PRESETS.gpt2.config),
  made(TINY_CONFIG, { slice: ['**.c_fc.weight:dim=1:0/2'] }),
].map((manifest) => [...formatManifest(manifest)].join(''))

/** In pieces of any sizes. */
const cut = (text: string, sizes: readonly number[]) => {
  const pieces: string[] = []
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = i < sizes.length ? sizes[i] : text.length
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

const plain = ({ tensors, ...rest }: Manifest) => ({ ...rest, tensors: [...tensors] })
const json = (text: string) => JSON.parse(text) as Record<string, unknown>

describe('a manifest', () => {
  it('is read as JSON would be, in pieces of any size', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 20 }),
        (text, sizes) => {
          expect(plain(parseManifest(() => cut(text, sizes)))).toEqual(json(text))
        },
      ),
    )
  })

  it('may be laid out in any way', () => {
    for (const text of texts) {
      for (const indent of [0, 1, 2, 4]) {
        const other = JSON.stringify(json(text), null, indent)
        expect(plain(parseManifest(() => [other]))).toEqual(json(text))
      }
      const { tensors, ...rest } = json(text)
      expect(plain(parseManifest(() => [JSON.stringify({ tensors, ...rest })]))).toEqual(json(text))
    }
  })

  it('that is not JSON, or was changed by hand to what it cannot be, is refused in a sentence', () => {
    for (const [from, to] of [
      ['},\n', '}\n'],
      ['"shape"', 'shape'],
      ['\n    {', '\n  {{'],
      ['  "tensors": [\n', '  "tensors": [\n\0\n'],
      ['"dtype":"f32"', '"dtype":"f33"'],
      ['"streamVersion": 1', '"streamVersion": 2'],
      ['.safetensors"', '.safetensors/.."'],
    ]) {
      expect(texts[0]).toContain(from)
      expect(() => parseManifest(() => [texts[0].replace(from, to)]), JSON.stringify(to)).toThrow(
        /^simdinit\.json: /,
      )
    }
  })

  it('whose tensors stand in its recipe is no manifest', () => {
    const hidden = texts[0].replace(
      '  "tensors": [',
      '  "recipe": {"format": 1, "rules": [], "x":\n  "tensors": [',
    )
    expect(() => parseManifest(() => [hidden])).toThrow(/^simdinit\.json: /)
  })

  it('is that of its plan, and of no other', () => {
    const manifest = made(TINY_CONFIG)
    expect(
      isSamePlan(
        parseManifest(() => formatManifest(manifest)),
        manifest,
      ),
    ).toBe(true)
    for (const other of [
      made({ ...TINY_CONFIG, n_inner: 6 }),
      made(TINY_CONFIG, { dtype: 'bf16' }),
      made({ ...TINY_CONFIG, initializer_range: 0.03 }),
      made(TINY_CONFIG, { slice: ['**.c_fc.weight:dim=1:0/2'] }),
    ]) {
      expect(
        isSamePlan(
          parseManifest(() => formatManifest({ ...other, files: manifest.files })),
          manifest,
        ),
      ).toBe(false)
    }
  })
})
