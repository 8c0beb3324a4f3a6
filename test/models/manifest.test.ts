/** Parsing of manifests: what was written round-trips, anything else throws. */

import { describe, expect, it } from 'vitest'
import { formatManifest, createManifest, planModel, PRESETS } from '../../src/models/index.ts'
import { parseManifest, isSamePlan } from '../../src/node/read-manifest.ts'
import { TINY_CONFIG } from '../support/run-simdinit.ts'

const planManifest = (config: object, options = {}) => {
  const digests = ['0'.repeat(64)]
  return createManifest(planModel(config, options), { seed: '1', package: 'p', configDigest: 'c', digests })
}
const texts = [
  planManifest(TINY_CONFIG),
  planManifest(PRESETS.gpt2.config),
  planManifest(TINY_CONFIG, { slice: ['**.c_fc.weight:dim=1:0/2'] }),
].map(formatManifest)

const json = (text: string) => JSON.parse(text) as Record<string, unknown>

describe('a manifest', () => {
  it('round-trips', () => {
    for (const text of texts) expect(parseManifest(text)).toEqual(json(text))
  })

  it('may be formatted in any way', () => {
    for (const text of texts) {
      for (const indent of [0, 1, 2, 4]) {
        const other = JSON.stringify(json(text), null, indent)
        expect(parseManifest(other)).toEqual(json(text))
      }
      const { tensors, ...rest } = json(text)
      expect(parseManifest(JSON.stringify({ tensors, ...rest }))).toEqual(json(text))
    }
  })

  it('throws a descriptive error if it is not JSON or has impossible values', () => {
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
      expect(() => parseManifest(texts[0].replace(from, to)), JSON.stringify(to)).toThrow(/^simdinit\.json: /)
    }
  })

  it('throws if its tensors are part of its recipe', () => {
    const hidden = texts[0].replace(
      '  "tensors": [',
      '  "recipe": {"format": 1, "rules": [], "x":\n  "tensors": [',
    )
    expect(() => parseManifest(hidden)).toThrow(/^simdinit\.json: /)
  })

  it('belongs to its plan, and to no other', () => {
    const manifest = planManifest(TINY_CONFIG)
    expect(isSamePlan(parseManifest(formatManifest(manifest)), manifest)).toBe(true)
    for (const other of [
      planManifest({ ...TINY_CONFIG, n_inner: 6 }),
      planManifest(TINY_CONFIG, { dtype: 'bf16' }),
      planManifest({ ...TINY_CONFIG, initializer_range: 0.03 }),
      planManifest(TINY_CONFIG, { slice: ['**.c_fc.weight:dim=1:0/2'] }),
    ]) {
      expect(isSamePlan(parseManifest(formatManifest({ ...other, files: manifest.files })), manifest)).toBe(
        false,
      )
    }
  })
})
