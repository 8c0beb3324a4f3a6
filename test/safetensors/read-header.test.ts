/** The safetensors reader against the reference library: both accept and reject the same files. */

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FormatError,
  layoutFile,
  readHeader,
  writeSafetensors,
  type StoredFile,
} from '../../src/safetensors/index.ts'
import { skipOrFail } from '../support/oracles.ts'

const A = '"dtype":"F32","shape":[1],"data_offsets":[0,4]'
const deep = (n: number) => `{"a":{${A},"x":${'['.repeat(n)}${']'.repeat(n)}}}`

function file(header: string | Uint8Array, data = 4, length?: bigint): Uint8Array {
  const json = typeof header === 'string' ? Buffer.from(header) : Buffer.from(header)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(length ?? BigInt(json.length))
  return Buffer.concat([prefix, json, Buffer.alloc(data)])
}

function read(bytes: Uint8Array): Promise<StoredFile> {
  return readHeader({ size: bytes.length, read: (at, length) => bytes.slice(at, at + length) })
}

async function accepts(bytes: Uint8Array): Promise<boolean> {
  try {
    await read(bytes)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError)
    return false
  }
}

/** Files with four bytes of data unless specified otherwise. */
const GOOD: readonly Uint8Array[] = [
  file(`{"a":{${A}}}`),
  file(`  \n{"a":{${A}}}   `),
  file('{}', 0),
  file('{"__metadata__":{"format":"pt"}}', 0),
  file('{"__metadata__":null}', 0),
  file('{"__metadata__":{"a":"1","a":"2"}}', 0),
  file('{"a":["F32",[1],[0,4]]}'),
  file('{"a":{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}}'),
  file(`{"a":{${A},"x":1,"x":[1e3,"\\ud83d\\ude00",null,true,false,{"y":-0.5}]}}`),
  file(`{"a":{${A}},"a":{${A}}}`),
  file(`{"a":{${A}},"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}`),
  file(`{"a":{${A}},"\\u0061":{${A}}}`),
  file(`{"a":["F32",[9],[0,4]],"a":{${A}}}`),
  file('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"F32","shape":[2,0],"data_offsets":[0,0]}}', 0),
  file(`{"a":{${A}},"b":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[4,4]}}`),
  file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"a":{${A}}}`, 5),
  file(
    '{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}',
    5,
  ),
  file('{"a":{"dtype":"F4","shape":[8],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}', 3),
  file(`{"__proto__":{${A}}}`),
  file(`{"":{${A}}}`),
  file(`{"../../etc/passwd":{${A}}}`),
  file(`{"\\u0000":{${A}}}`),
  file(deep(125)),
]

const BAD: readonly Uint8Array[] = [
  new Uint8Array(0),
  new Uint8Array(7),
  file('', 0),
  file(`{"a":{${A}}}`, 4, 1000n),
  file(`{"a":{${A}}}`, 4, 100_000_001n),
  file(`{"a":{${A}}}`, 4, 2n ** 64n - 1n),
  file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
  file(`\uFEFF{"a":{${A}}}`),
  file('[]', 0),
  file('null', 0),
  file(`{"a":{${A}}} x`),
  file(`{"a":{${A}},}`),
  file(`{'a':{${A}}}`),
  file(`{"a":{${A}}}`, 5),
  file(`{"a":{${A}}}`, 3),
  file(`{"a":{${A}},"b":{${A}}}`),
  file(`{"a":{${A}},"b":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}}`, 9),
  file(`{"a":{${A}},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, 6),
  file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8),
  file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}'),
  file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}', 0),
  file('{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}', 0),
  file('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}', 0),
  file('{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4e0]}}'),
  file('{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"F32","shape":[18446744073709551616,0],"data_offsets":[0,0]}}', 0),
  file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}'),
  file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}'),
  file('{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":{"F32":{}},"shape":[1],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":{"F32":null,"F16":null},"shape":[1],"data_offsets":[0,4]}}'),
  file('{"a":{"dtype":"F32","data_offsets":[0,4]}}'),
  file('{"a":["F32",[1]]}'),
  file('{"a":["F32",[1],[0,4],1]}'),
  file('{"a":1}'),
  file(`{"a":{${A}},"a":["F32",[9],[0,4]]}`),
  file(`{"a":1,"a":{${A}}}`),
  file(`{"a":{${A},"dtype":"F32"}}`),
  file(`{"a":{${A},"dtyp\\u0065":"F32"}}`),
  file(`{"a":{${A},"x":1e999}}`),
  file(`{"a":{${A},"x":"\\ud800"}}`),
  file(`{"a":{${A},"x":"\\udc00\\ud800"}}`),
  file(`{"\\ud800":{${A}}}`),
  file(`{"a":{${A},"x":"\u0001"}}`),
  file(`{"a":{${A},"x":"\\x41"}}`),
  file(`{"a":{${A},"x":nul}}`),
  file('{"__metadata__":[]}', 0),
  file('{"__metadata__":{"a":1}}', 0),
  file('{"__metadata__":null,"__metadata__":null}', 0),
  file('{"a":{"dtype":"F4","shape":[7],"data_offsets":[0,4]}}'),
  file(deep(126)),
]

const PROGRAM = `
import base64, json, sys
from safetensors import deserialize
def accepts(data):
    try:
        deserialize(data)
        return True
    except Exception:
        return False
print(json.dumps([accepts(base64.b64decode(f)) for f in json.load(sys.stdin)]))
`

/** Which of the files the reference library accepts. */
function reference(python: string, files: readonly Uint8Array[]): boolean[] {
  const input = JSON.stringify(files.map((bytes) => Buffer.from(bytes).toString('base64')))
  return JSON.parse(execFileSync(python, ['-c', PROGRAM], { input, encoding: 'utf8', maxBuffer: 2 ** 28 }))
}

function pythonWithSafetensors(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((python) => {
    try {
      const version = execFileSync(python, ['-c', 'import safetensors; print(safetensors.__version__)'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      return Number(version.split('.')[1]) >= 6 || Number(version.split('.')[0]) > 0
    } catch {
      return false
    }
  })
}

/** A header, mutated or intact. */
const mutated = fc
  .record({
    text: fc.constantFrom(
      `{"a":{${A}},"b":{"dtype":"BF16","shape":[2,2],"data_offsets":[4,12]}}`,
      `{"__metadata__":{"format":"pt"},"a":["U8",[2,6],[0,12]]}`,
      `{"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0],"x":[{"y":1.5e3}]},"b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}`,
    ),
    edits: fc.array(
      fc.record({
        at: fc.nat(200),
        remove: fc.nat(3),
        insert: fc.constantFrom(
          '',
          '"',
          ',',
          ']',
          '}',
          '[',
          '{',
          '0',
          '1',
          '4',
          '-',
          '.',
          'e1',
          '\\',
          ' ',
          'null',
          ':',
          'é',
          'F16',
          '"a":1,',
        ),
      }),
      { maxLength: 3 },
    ),
    data: fc.constantFrom(12, 12, 12, 11, 13, 0),
  })
  .map(({ text, edits, data }) => {
    for (const { at, remove, insert } of edits) {
      const place = at % (text.length + 1)
      text = text.slice(0, place) + insert + text.slice(place + remove)
    }
    return file(text, data)
  })

describe('readSafetensorsHeader', () => {
  it.each(GOOD.map((bytes, i) => [i, Buffer.from(bytes.subarray(8, 100)).toString()] as const))(
    'accepts good file %i: %s',
    async (i) => expect(await accepts(GOOD[i])).toBe(true),
  )

  it.each(BAD.map((bytes, i) => [i, Buffer.from(bytes.subarray(8, 100)).toString()] as const))(
    'rejects bad file %i: %s',
    async (i) => expect(await accepts(BAD[i])).toBe(false),
  )

  it('accepts and rejects the same files as the reference library, including random ones', async (context) => {
    const python =
      pythonWithSafetensors() ?? skipOrFail(context, 'safetensors', 'no python has safetensors 0.6')
    const files = [...GOOD, ...BAD, ...fc.sample(mutated, { numRuns: 3000, seed: 6 })]
    const expected = reference(python, files)
    expect(expected.filter(Boolean).length).toBeGreaterThan(300)
    expect(expected.filter((good) => !good).length).toBeGreaterThan(300)
    for (const [i, bytes] of files.entries()) {
      const text = Buffer.from(bytes.subarray(8)).toString()
      expect([text, bytes.length, await accepts(bytes)]).toEqual([text, bytes.length, expected[i]])
    }
  })

  it('returns the offsets of the tensors of a generated file', async () => {
    const layout = layoutFile([
      { name: 'b', dtype: 'bf16', shape: [3] },
      { name: '層', dtype: 'f32', shape: [2, 2] },
    ])
    const bytes = new Uint8Array(layout.bytes)
    const data = [new Uint8Array(22)]
    await writeSafetensors(layout, data, (some, at) => bytes.set(some, at))
    const { headerBytes, metadata, tensors } = await read(bytes)
    expect([headerBytes, metadata]).toEqual([layout.bytes - 22, { format: 'pt' }])
    expect(tensors).toEqual([
      { name: '層', dtype: 'F32', shape: [2, 2], begin: 0, end: 16 },
      { name: 'b', dtype: 'BF16', shape: [3], begin: 16, end: 22 },
    ])
  })

  it('throws only FormatError, for any bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      mutated,
      fc.json().map((json) => file(json)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (bytes) => void (await accepts(bytes))),
      { numRuns: 1000 },
    )
  })
})
