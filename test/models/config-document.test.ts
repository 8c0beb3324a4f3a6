import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatConfig, parseConfig } from '../../src/models/config-document.ts'
import { planModel } from '../../src/models/index.ts'
import { TINY_CONFIG } from '../support/run-simdinit.ts'

describe('JSON with the original number formats', () => {
  it('equals JSON.parse and JSON.stringify for values without special number formats', () => {
    // parseConfig rejects keys `__proto__`
    const allowed = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'))
    fc.assert(
      fc.property(allowed, (value) => {
        const text = JSON.stringify({ value })
        expect(parseConfig(text).fields).toEqual(JSON.parse(text))
        expect(formatConfig(parseConfig(text))).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`)
      }),
    )
  })

  it.each(['1.0', '1e-05', '-0.0', '1E5', '0.10', '12', '[1.0, 2, {"a": 1e-12}]'])('keeps %s', (literal) => {
    const text = `{"x": ${literal}, "y": {"1.0": "1.0", "z": [${literal}]}}`
    const spaced = (s: string) => s.replaceAll(/\s/g, '')
    expect(spaced(formatConfig(parseConfig(text)))).toBe(spaced(text))
  })

  it('writes a changed number in its new form, and the others as they were', () => {
    const config = parseConfig('{"a": 1.0, "b": 2.0}')
    const changed = { ...config, fields: { ...config.fields, b: 3 } }
    expect(formatConfig(changed)).toBe('{\n  "a": 1.0,\n  "b": 3\n}\n')
  })

  it('throws for text that is nested too deeply', () => {
    const deep = `{"a": ${'['.repeat(1e5)}1.0${']'.repeat(1e5)}}`
    expect(() => parseConfig(deep)).toThrow('config.json is nested more than 64 levels deep')
    expect(parseConfig(`{"a": ${deep.slice(6, -1)}, "a": 1.0}`)).toEqual(parseConfig('{"a": 1.0}'))
  })

  it('reads NaN and Infinity, which Python writes, and writes them as transformers does', () => {
    const config = parseConfig(
      '{"a": [0.0, Infinity], "b": -Infinity, "c": {"NaN": NaN, "d": "NaN, \\"Infinity"}}',
    )
    expect(config.fields).toEqual({
      a: [0, { __float__: 'Infinity' }],
      b: { __float__: '-Infinity' },
      c: { NaN: { __float__: 'NaN' }, d: 'NaN, "Infinity' },
    })
    const text = formatConfig(config)
    expect(JSON.parse(text)).toEqual(config.fields)
    expect(text).toContain('0.0,')
    expect(formatConfig(parseConfig(text))).toBe(text)
  })

  it.each(['NaN1', '1NaN', '+Infinity', '--Infinity', 'NaNNaN', 'nan', 'inf', '[NaN Infinity]'])(
    'throws for %s',
    (text) => {
      expect(() => parseConfig(`{"a": ${text}}`)).toThrow(/^config\.json is not JSON: /)
    },
  )

  it('throws for text that is not JSON, with the reason', () => {
    expect(() => parseConfig('{"a": 1.}')).toThrow(/^config\.json is not JSON: /)
  })

  it('is plain data that plans and copies keep', () => {
    const text = JSON.stringify({ ...TINY_CONFIG, resid_pdrop: 0 }).replace(
      '"resid_pdrop":0',
      '"resid_pdrop":0.0',
    )
    const config = parseConfig(text)
    expect(planModel(config).configText).toContain('"resid_pdrop": 0.0')
    for (const copy of [{ ...config }, structuredClone(config), JSON.parse(JSON.stringify(config))])
      expect(planModel(copy)).toEqual(planModel(config))
    expect(planModel(config.fields).configText).toContain('"resid_pdrop": 0,')
  })

  it('distinguishes fields of the same name', () => {
    const value = fc.constantFrom('1.0', '[1.0, 2]', '{"a": 1.0, "b": [3.0]}', '[{"a": 2.0}]', '"x"', '7')
    fc.assert(
      fc.property(fc.array(value), value, (before, last) => {
        const fields = [...before, last].map((text) => `"a": ${text}`)
        const alone = formatConfig(parseConfig(`{"a": ${last}}`))
        expect(formatConfig(parseConfig(`{${fields.join(', ')}}`))).toBe(alone)
      }),
    )
  })

  it('uses the last of two fields with the same name', () => {
    expect(formatConfig(parseConfig('{"a": {"b": 1.0}, "a": {"b": 2.0}, "a": 3.0}'))).toBe(
      '{\n  "a": 3.0\n}\n',
    )
    expect(formatConfig(parseConfig('{"a": 3.0, "a": {"b": 1.0, "b": 2}}'))).toBe(
      '{\n  "a": {\n    "b": 2\n  }\n}\n',
    )
  })
})
