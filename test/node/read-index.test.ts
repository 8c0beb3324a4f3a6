/** The files that an index names, in any layout of JSON. */

import { describe, expect, it } from 'vitest'
import { listIndexFiles } from '../../src/node/read-index.ts'

const usual = (entries: string, rest = '\n}\n') =>
  `{\n  "metadata": {\n    "total_size": 8\n  },\n  "weight_map": {\n${entries}\n  }${rest}`
const listFiles = (text: string) => listIndexFiles(new TextEncoder().encode(text))
const [A, B] = ['    "a": "one.safetensors"', '    "b": "two.safetensors"']

const asJson = (text: string) => [...new Set(Object.values(JSON.parse(text).weight_map))]

describe('the files of an index', () => {
  it.each([
    ['as it is written here', usual(`${A},\n${B}`)],
    ['without a line end', usual(`${A},\n${B}`, '\n}')],
    ['with escapes in names', usual(`    "a\\"\\u00e9": "one.safetensors",\n${B}`)],
    ['on one line', JSON.stringify(JSON.parse(usual(`${A},\n${B}`)))],
    ['with other line ends', usual(`${A},\n${B}`).replaceAll('\n', '\r\n')],
    ['in another order', usual(`${B},\n${A}`)],
    ['a name twice, of which the last counts', usual(`${A},\n    "a": "two.safetensors"`)],
    ['a bad file that does not count', usual(`    "a": "../one",\n${A}`)],
    ['a second map', usual(A, `,\n  "weight_map": {\n${B}\n  }\n}`)],
    ['a map within', `{"metadata": ${usual(A)},\n"weight_map": {"b": "two.safetensors"}}`],
    ['an empty map', '{\n  "weight_map": {\n  }\n}'],
  ])('are read as JSON: %s', (_, text) => {
    expect(listFiles(text)).toEqual(asJson(text))
  })

  it.each([
    ['a file outside', usual(`${A},\n    "b": "../precious"`)],
    ['a file that is not text', usual(`${A},\n    "b": 1`)],
    ['a comma at the end', usual(`${A},`)],
    ['no comma between', usual(`${A}\n${B}`)],
    ['text that is cut off', usual(`${A},\n${B}`, '')],
    ['text that goes on', usual(A, '\n}\n}')],
    ['a name that is not JSON', usual('    "\\x": "one.safetensors"')],
    ['no map', '{}'],
  ])('are refused: %s', (_, text) => {
    expect(() => listFiles(text)).toThrow()
  })
})
