/** Every entry that computes, reads or writes elements refuses a big-endian machine. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { createEngine, fromFloat32, toFloat32 } from '../../src/index.ts'
import { createBlobSource, inspectFiles } from '../../src/inspect/index.ts'
import { init, inspect, verify } from '../../src/node/index.ts'
import { machine } from '../../src/numeric/byte-order.ts'
import { layoutFile, readHeader, writeSafetensors } from '../../src/safetensors/index.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simdinit-byte-order-'))
  machine.isLittleEndian = false
})

afterEach(() => {
  machine.isLittleEndian = true
  rmSync(folder, { recursive: true })
})

const source = createBlobSource(new Blob(['{}']))
const layout = layoutFile([{ name: 'a', dtype: 'f32', shape: [0] }])
const out = () => join(folder, 'out')

const ENTRIES: Record<string, () => unknown> = {
  createEngine: () => createEngine(),
  'createEngine with plain JavaScript': () => createEngine({ backend: 'js' }),
  toFloat32: () => toFloat32(new Uint16Array(1), 'bf16'),
  fromFloat32: () => fromFloat32(new Float32Array(1), 'bf16'),
  readHeader: () => readHeader(source),
  writeSafetensors: () => writeSafetensors(layout, [], () => expect.unreachable()),
  inspectFiles: () => inspectFiles([{ name: 'a.safetensors', source }]),
  init: () => init('gpt2', { out: out() }),
  verify: () => verify(folder),
  inspect: () => inspect(folder),
  'simdinit init': () => run('init', 'gpt2', '--out', out()),
  'simdinit verify': () => run('verify', folder),
  'simdinit inspect': () => run('inspect', folder),
}

/** Runs the command in this process, which throws where it would print a message. */
const run = (...args: string[]) =>
  createProgram(new AbortController().signal).parseAsync(args, { from: 'user' })

it.each(Object.entries(ENTRIES))('%s refuses a big-endian machine', async (_, call) => {
  await expect((async () => call())()).rejects.toThrow(
    expect.objectContaining({
      code: 'ERR_UNAVAILABLE',
      message: 'this machine is big-endian, and only little-endian ones are supported',
    }),
  )
  expect(readdirSync(folder)).toEqual([])
})
