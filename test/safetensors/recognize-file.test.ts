/** Files that are found in the place of a checkpoint. */

import { deflateRawSync, gzipSync } from 'node:zlib'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspect, planSource } from '../../src/node/index.ts'
import { FormatError, readHeader } from '../../src/safetensors/index.ts'
import { createTempFolder } from '../support/run-simdinit.ts'

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4665\nsize 1000\n'
const HTML = '<!DOCTYPE html>\n<html><head><title>404</title></head></html>'
const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.alloc(part, 7))),
  )

const FILES: [string, Buffer, string][] = [
  ['a Git LFS pointer', bytes(LFS), 'it is a Git LFS pointer, '],
  ['a web page', bytes(HTML), 'it is a web page, '],
  ['a web page after blank lines', bytes('\r\n\r\n<html lang="en">', 40), 'it is a web page, '],
  ['an error of a server in XML', bytes('<?xml version="1.0"?><Error/>'), 'it is a web page, '],
  ['a checkpoint of PyTorch', bytes('PK\x03\x04\0\0\x08\x08', 90), 'it is a zip archive, as PyTorch writes'],
  ['an old checkpoint of PyTorch', bytes('\x80\x02\x8a\x0al\xfc\x9cF', 90), 'it is a Python pickle, '],
  ['a GGUF file', bytes('GGUF\x03\0\0\0', 90), 'it is a GGUF file'],
  ['weights of Keras', bytes('\x89HDF\r\n\x1a\n', 90), 'it is an HDF5 file, '],
  ['a NumPy array', bytes('\x93NUMPY\x01\0', 90), 'it is a NumPy array'],
  ['a compressed file', gzipSync(Buffer.alloc(900_000, 'ab')), 'it is compressed by gzip'],
  ['a file of zeros', bytes('\0'.repeat(100)), 'it is full of zeros at its start'],
  ['an empty file', bytes(), 'it is empty'],
  ['JSON', bytes('{"model_type": "gpt2"}'), 'it is text that starts with "{\\"model_type\\": \\"gpt2\\"}"'],
  ['a message', bytes('Entry not found'), 'it is text that starts with "Entry not found"'],
  ['noise', deflateRawSync(Buffer.from(HTML)), 'its header would have '],
]

describe('a file that is no safetensors file', () => {
  it.each(FILES)('is called what it is: %s', async (_, file, message) => {
    const source = {
      size: file.length,
      read: (position: number, length: number) => file.subarray(position, position + length),
    }
    const error = await readHeader(source).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(FormatError)
    expect((error as Error).message.slice(0, message.length)).toBe(message)
  })

  it('is called so in the place of a config, a manifest and an index as well', async () => {
    const folder = createTempFolder()
    const config = join(folder, 'config.json')
    writeFileSync(config, LFS)
    expect(() => planSource(config)).toThrow(`${config} is a Git LFS pointer, `)
    writeFileSync(config, bytes('\x80\x02', 90, '\xff'))
    expect(() => planSource(config)).toThrow(`${config} is a Python pickle, `)
    const index = join(folder, 'model.safetensors.index.json')
    writeFileSync(index, HTML)
    await expect(inspect(folder)).rejects.toThrow(`${index}: it is a web page, `)
  })

  it('is not sought for by its config: the folder is', async () => {
    const config = join(createTempFolder(), 'config.json')
    writeFileSync(config, '{}')
    await expect(inspect(config)).rejects.toThrow(`${config} is JSON, not a checkpoint; pass its folder, `)
  })
})

it('metadata that is not text is named', async () => {
  const json = Buffer.from('{"__metadata__":{"format":"pt","step":7}}')
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const file = Buffer.concat([length, json])
  const read = (position: number, count: number) => file.subarray(position, position + count)
  await expect(readHeader({ size: file.length, read })).rejects.toThrow(
    'the metadata "step" must be a string',
  )
})
