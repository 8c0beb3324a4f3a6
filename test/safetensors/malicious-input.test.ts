/**
 * Malicious headers, configs and indexes: each succeeds, or fails with a descriptive error and exit status 2, and writes
 * nothing outside of the folder. fast-check generates inputs that follow the formats for the targets of
 * `npm run test:fuzz`.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript, without types
import { fuzz as fuzzJson } from '../slow/fuzz/json.fuzz.mjs'
// @ts-expect-error plain JavaScript, without types
import { fuzz as fuzzReader } from '../slow/fuzz/reader.fuzz.mjs'
import { createTempFolder, runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { byTier, pickByTier } from '../support/tier.ts'

/** A JSON text in one of its equivalent spellings. */
const escaped = (text: string) => `"${text.replaceAll(/./gsu, (c) => (c.length === 1 ? unit(c) : c))}"`
const unit = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`
const name = fc.constantFrom(
  'a',
  'b',
  'é',
  '__metadata__',
  '__proto__',
  'constructor',
  '',
  '../a',
  '\ud83d\ude00',
)
const written = name.chain((text) => fc.constantFrom(JSON.stringify(text), escaped(text)))
const number = fc.oneof(
  fc.nat(8).map(String),
  fc.constantFrom('18446744073709551615', '4294967296', '-1', '1e3', '01'),
)
const numbers = fc.array(number, { maxLength: 3 }).map((list) => `[${list.join(',')}]`)
const dtype = fc.constantFrom('"U8"', '"F32"', '"F4"', '{"BF16":null}', '"F\\u0031\\u0036"', '"x"', 'null')
const rubbish = fc.oneof(fc.json(), fc.constantFrom('"\\ud800"', '1e999', '['.repeat(200), '{"a":1,"a":2}'))
const info = fc.oneof(
  fc.tuple(dtype, numbers, numbers).map((fields) => `[${fields.join(',')}]`),
  fc
    .tuple(dtype, numbers, numbers, rubbish)
    .map(
      ([dtype, shape, offsets, x]) =>
        `{"dtype":${dtype},"shape":${shape},"x":${x},"data_offsets":${offsets}}`,
    ),
  fc.nat(8).map((n) => `{"dtype":"U8","shape":[${n}],"data_offsets":[0,${n}]}`),
  rubbish,
)
const header = fc
  .array(fc.tuple(written, info), { maxLength: 4 })
  .map((entries) => `{${entries.map(([key, value]) => `${key}:${value}`).join(', ')}}`)

describe('malicious bytes', () => {
  it('as a header give a file that JSON.parse also reads, or an error', async () => {
    const file = fc
      .tuple(fc.nat(8), header)
      .map(([data, text]) => Buffer.concat([Buffer.of(data), Buffer.from(text)]))
    await fc.assert(fc.asyncProperty(file, fuzzReader), { numRuns: byTier(300, 3000) })
  })

  it('as a config, a recipe or an index are accepted or rejected, and leave no state behind', () => {
    const field = fc.tuple(
      fc.oneof(
        fc.constantFrom(...Object.keys(TINY_CONFIG), 'weight_map', '__proto__', 'rules', 'format'),
        fc.string(),
      ),
      fc.oneof(fc.json(), fc.constantFrom('"../x"', '{"a":"../x"}', '"\\ud800"', '-0', '1e400', '[[[]]]')),
    )
    const text = fc.array(field).map((fields) => {
      const base = JSON.stringify(TINY_CONFIG).slice(0, -1)
      return `${base}${fields.map(([key, value]) => `,${JSON.stringify(key)}:${value}`).join('')}}`
    })
    fc.assert(
      fc.property(text, (text) => fuzzJson(Buffer.from(text))),
      { numRuns: byTier(100, 1000) },
    )
  })
})

describe('the command', () => {
  const tiny = JSON.stringify(TINY_CONFIG).slice(0, -1)

  it.each(
    pickByTier(1, [
      ['a lone surrogate', `${tiny},"\\ud800":"\\udfff"}`, 0, ''],
      ['a lone surrogate for a model', '{"model_type":"\\ud800"}', 2, '"model_type" must be one of '],
      ['a duplicate field: the last counts', `${tiny},"n_embd":-1,"n_embd":8}`, 0, ''],
      ['10 MB of text', `${tiny},"x":"${'x'.repeat(1e7)}"}`, 2, 'is larger than 10000000 bytes'],
      ['a __proto__ field', `${tiny},"x":[{"__proto__":{"n_embd":8}}]}`, 2, '"__proto__" is not allowed'],
      [
        'deep nesting',
        `${tiny},"x":${'[{"a":'.repeat(40)}1${'}]'.repeat(40)}}`,
        2,
        'nested more than 64 levels deep',
      ],
      ['bytes that are not text', Buffer.from(`${tiny},"x":"\xff"}`, 'latin1'), 2, 'is not UTF-8 text'],
    ] as [string, string | Buffer, number, string][]),
  )('accepts or rejects a config with %s', async (_, config, code, message) => {
    const cwd = createTempFolder()
    mkdirSync(join(cwd, 'in'))
    writeFileSync(join(cwd, 'in', 'config.json'), config)
    const result = await runSimdinit(['init', 'in', '--out', 'out', '--quiet'], { cwd })
    expect([result.code, result.stdout]).toEqual([code, ''])
    expect(result.stderr).toMatch(message === '' ? /^$/ : /^simdinit: [^\n]*\n$/)
    expect(result.stderr).toContain(message)
    expect(readdirSync(cwd)).toEqual(code === 0 ? ['in', 'out'] : ['in'])
    if (code !== 0) return
    expect((await runSimdinit(['verify', 'out', '--quiet'], { cwd })).code).toBe(0)
    expect(readFileSync(join(cwd, 'out', 'config.json'), 'utf8')).not.toContain('\ufffd')
  })

  it('inspects weights next to a malicious config, and reports that it compares with no recipe', async () => {
    const cwd = createTempFolder()
    await runSimdinit(['init', 'gpt2', '--set', 'n_layer=1', '--set', 'n_embd=12', '--out', 'x', '--quiet'], {
      cwd,
    })
    writeFileSync(join(cwd, 'x', 'config.json'), `${tiny},"__proto__":{}}`)
    const { code, stdout } = await runSimdinit(['inspect', 'x', '--json'], { cwd })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).recipe).toEqual({ none: 'config.json: the key "__proto__" is not allowed' })
  })
})
