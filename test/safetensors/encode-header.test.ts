import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../src/numeric/dtypes.ts'
import {
  encodeHeader,
  layoutFile,
  writeSafetensors,
  type FileLayout,
  type TensorEntry,
} from '../../src/safetensors/index.ts'
import { rangeError } from '../support/errors.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const headerBytes = (layout: FileLayout) => Buffer.from(encodeHeader(layout))
const f32 = (name: string, ...shape: number[]): TensorEntry => ({ name, dtype: 'f32', shape })

describe('the header', () => {
  it('equals that of the reference writer for its own test case', () => {
    // safetensors/src/tensor.rs, test_serialization: one F32 tensor of [1, 2, 3], no metadata, 64 bytes of JSON
    const layout = layoutFile([f32('attn.0', 1, 2, 3)], {})
    const header = headerBytes(layout)
    const own = text(header.subarray(8)).replace('"__metadata__":{},', '')
    expect(own.trimEnd()).toBe('{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}')
    expect(layout.bytes).toBe(header.length + 24)
  })

  it('contains the format, so that every version of transformers accepts the file', () => {
    const header = headerBytes(layoutFile([f32('a', 2)]))
    expect(text(header.subarray(8))).toBe(
      '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.padEnd(
        header.length - 8,
      ),
    )
  })

  it('has a length that is a multiple of 8, padded with spaces', () => {
    for (let n = 1; n < 20; n++) {
      const layout = layoutFile([f32('x'.repeat(n), 1)])
      const header = headerBytes(layout)
      expect(header.length % 8).toBe(0)
      expect(header.length).toBe(layout.headerBytes)
      expect(Number(header.readBigUInt64LE())).toBe(header.length - 8)
      expect(JSON.parse(text(header.subarray(8)))).toHaveProperty('x'.repeat(n))
    }
  })

  it('may be large, with any text as names', () => {
    const entries = Array.from({ length: 30_000 }, (_, i) => f32(`слой.${i}.😀 "вес"`, 1))
    const layout = layoutFile(entries)
    const header = headerBytes(layout)
    expect(header.length).toBe(layout.headerBytes)
    const { __metadata__: _, ...json } = JSON.parse(text(header.subarray(8)))
    expect(Object.keys(json)).toEqual(layout.tensors.map(({ name }) => name))
    expect(Object.values(json).at(-1)).toEqual({ dtype: 'F32', shape: [1], data_offsets: [119_996, 120_000] })
  })

  it('orders tensors by dtype, widest first, then by the UTF-8 bytes of their names', () => {
    const entries: TensorEntry[] = [
      { name: 'c', dtype: 'f8_e5m2', shape: [1] },
      { name: 'y', dtype: 'f8_e4m3', shape: [1] },
      { name: 'z', dtype: 'f16', shape: [1] },
      { name: 'b', dtype: 'bf16', shape: [1] },
      f32('10', 1),
      f32('2', 1),
      f32('é', 1), // two bytes in UTF-8, after all ASCII
      f32('😀', 1), // surrogates in UTF-16, last in UTF-8
      f32('\uFFFD', 1),
    ]
    expect(layoutFile(entries).tensors.map(({ name }) => name)).toEqual([
      '10',
      '2',
      'é',
      '\uFFFD',
      '😀',
      'b',
      'z',
      'y',
      'c',
    ])
  })

  it('leaves no gap and no overlap, and aligns every tensor to its element', () => {
    const { tensors } = layoutFile([
      { name: 'q', dtype: 'f8_e4m3', shape: [7] },
      { name: 'h', dtype: 'bf16', shape: [3] },
      f32('a', 5),
      f32('empty', 0, 7),
      f32('scalar'),
    ])
    let end = 0
    for (const tensor of tensors) {
      expect(tensor.begin).toBe(end)
      expect(tensor.begin % FORMATS[tensor.dtype].bytes).toBe(0)
      end = tensor.end
    }
    expect(end).toBe(20 + 0 + 4 + 6 + 7)
  })

  it.each(['', 'a\0b', '__metadata__'])('rejects the name %j', (name) => {
    expect(() => layoutFile([f32(name, 1)])).toThrow(
      '"name" must not be empty, contain NUL or be "__metadata__"; received ',
    )
  })

  it('rejects a duplicate name', () => {
    expect(() => layoutFile([f32('a', 1), f32('a', 2)])).toThrow(
      rangeError('"name" must be unique; received "a" twice'),
    )
  })
})

describe('the writer', () => {
  const layout = layoutFile([f32('a', 4)])
  const sink = () => {
    const file = new Uint8Array(layout.bytes + 64)
    return { file, write: (bytes: Uint8Array, position: number) => file.set(bytes, position) }
  }

  it('writes every chunk at its offset', async () => {
    const { file, write } = sink()
    await writeSafetensors(
      layout,
      [Uint8Array.of(1, 2, 3), Uint8Array.from({ length: 13 }, (_, i) => i + 4)],
      write,
    )
    expect([...file.subarray(layout.headerBytes, layout.bytes)]).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    )
  })

  it('rejects data that is shorter or longer than the header specifies', async () => {
    const { write } = sink()
    const expected = `"data" must end at byte ${layout.bytes} of the file; received `
    await expect(writeSafetensors(layout, [new Uint8Array(15)], write)).rejects.toThrow(
      `${expected}${layout.bytes - 1}`,
    )
    await expect(writeSafetensors(layout, [new Uint8Array(17)], write)).rejects.toThrow(`${expected}more`)
  })

  it('rejects with the error of the sink, from any chunk', async () => {
    for (const failing of [0, 1, 2]) {
      let calls = 0
      const write = async () => {
        if (calls++ === failing) throw new Error('no space')
      }
      await expect(writeSafetensors(layout, [new Uint8Array(8), new Uint8Array(8)], write)).rejects.toThrow(
        'no space',
      )
    }
  })

  it('has no pending writes when it ends, so that buffers may be released', async () => {
    let underWay = 0
    const write = async () => {
      underWay++
      await new Promise((resolve) => setTimeout(resolve, 5))
      underWay--
    }
    await writeSafetensors(layout, [new Uint8Array(8), new Uint8Array(8)], write)
    expect(underWay).toBe(0)
  })
})
