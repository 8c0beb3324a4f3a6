/**
 * Golden values: every strategy in every dtype. scripts/fixtures/make-golden-values.py computed them with
 * docs/reference/stream_check.py, a program written from the definition of the stream, independent of this package.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/numeric/dtypes.ts'
import { parseStrategy, createEngine, DTYPES, type Dtype, type Strategy } from '../../src/index.ts'
import { STRATEGY_TYPES } from '../../src/strategies/strategy.ts'

interface Golden {
  strategy: Strategy
  shape: number[]
  /** The first four elements, and the beginning of the digest. */
  values: Record<Dtype, string>
}

const GOLDEN = JSON.parse(readFileSync('test/fixtures/golden.json', 'utf8')) as Golden[]
const VALUE_BREAKING =
  'value-breaking: a seed no longer gives the weights it gave. Undo it, or make a new stream version ' +
  'that keeps this one, mark it value-breaking in CHANGELOG.md, and only then run scripts/fixtures/make-golden-values.py'

const engines = await Promise.all([createEngine({ backend: 'wasm' }), createEngine({ backend: 'js' })])

/** A little-endian number, its most significant digit first. */
const hex = (bytes: Uint8Array) => Buffer.from(bytes.toReversed()).toString('hex')

describe('a change to any of these values breaks reproducibility: it needs a new stream version and a changelog entry', () => {
  it.each(GOLDEN)('$strategy.type of $shape', async ({ strategy, shape, values }) => {
    for (const engine of engines) {
      for (const dtype of DTYPES) {
        const { data } = await engine.tensor(shape, parseStrategy(strategy), {
          seed: 'golden',
          name: 'w',
          dtype,
        })
        const bytes = Buffer.from(data.buffer as ArrayBuffer)
        const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
        const size = FORMATS[dtype].bytes
        const first = [0, 1, 2, 3].map((i) => hex(bytes.subarray(i * size, (i + 1) * size)))
        const found = `${first.join(' ')} sha256:${sha256}`
        expect(found, `${dtype}, ${engine.info.reason}: ${VALUE_BREAKING}`).toBe(values[dtype])
      }
    }
  })
})

describe('the golden values', () => {
  it('cover every strategy: add a row to scripts/fixtures/make-golden-values.py for a new one', () => {
    const held = new Set<string>(GOLDEN.map(({ strategy }) => strategy.type))
    expect(STRATEGY_TYPES.filter((type) => !held.has(type))).toEqual([])
  })
})
