import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatJson, parseJson, copyNumberFormats } from '../../src/models/config-json.ts'

describe('JSON whose numbers stay as they were written', () => {
  it('is what JSON.parse and JSON.stringify make of values without such numbers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(parseJson(text)).toEqual(JSON.parse(text))
        expect(formatJson(parseJson(text))).toBe(JSON.stringify(JSON.parse(text), null, 2))
      }),
    )
  })

  it.each(['1.0', '1e-05', '-0.0', '1E5', '0.10', '12', '[1.0, 2, {"a": 1e-12}]'])('keeps %s', (literal) => {
    const text = `{"x": ${literal}, "y": {"1.0": "1.0", "z": [${literal}]}}`
    const spaced = (s: string) => s.replaceAll(/\s/g, '')
    expect(spaced(formatJson(parseJson(text)))).toBe(spaced(text))
  })

  it('writes a number that was changed as it is now, and the others as they were', () => {
    const config = parseJson('{"a": 1.0, "b": 2.0}') as object
    expect(formatJson(copyNumberFormats({ ...config, b: 3 }, config))).toBe('{\n  "a": 1.0,\n  "b": 3\n}')
  })

  it('reads any depth', () => {
    const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`
    expect(parseJson(deep)).toHaveLength(1)
  })

  it('is not confused by fields of one name', () => {
    const value = fc.constantFrom('1.0', '[1.0, 2]', '{"a": 1.0, "b": [3.0]}', '[{"a": 2.0}]', '"x"', '7')
    fc.assert(
      fc.property(fc.array(value), value, (before, last) => {
        const fields = [...before, last].map((text) => `"a": ${text}`)
        const alone = formatJson(parseJson(`{"a": ${last}}`))
        expect(formatJson(parseJson(`{${fields.join(', ')}}`))).toBe(alone)
      }),
    )
  })

  it('takes the last of two fields of one name', () => {
    expect(formatJson(parseJson('{"a": {"b": 1.0}, "a": {"b": 2.0}, "a": 3.0}'))).toBe('{\n  "a": 3.0\n}')
    expect(formatJson(parseJson('{"a": 3.0, "a": {"b": 1.0, "b": 2}}'))).toBe(
      '{\n  "a": {\n    "b": 2\n  }\n}',
    )
  })
})
