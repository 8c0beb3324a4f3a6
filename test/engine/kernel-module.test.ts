/** The compiled kernels as a WebAssembly module: their imports, their exports and the features they avoid. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { kernel } from '../../src/engine/kernel.generated.ts'
import { kernelBytes, kernelModule } from '../support/kernel.ts'

describe('the kernels', () => {
  it('import their memory and nothing else', () => {
    expect(WebAssembly.Module.imports(kernelModule)).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ])
  })

  it('export the fill, matrix and statistics functions, their memory and the constants of their workspace', () => {
    const exports = WebAssembly.Module.exports(kernelModule)
    expect(exports.filter(({ kind }) => kind === 'function').map(({ name }) => name)).toEqual([
      'fill',
      'applyTransform',
      'buildJumpTables',
      'matmulAdd',
      'dataBytes',
      'storeStrip',
      'makePanel',
      'applyPanel',
      'resultAddress',
      'scratchBytes',
      'initStrip',
      'accumulateStats',
      'countPatterns16',
      'widen16',
      'widen8',
      'widenBf16',
    ])
    expect(new Set(exports.map(({ kind }) => kind))).toEqual(new Set(['function', 'global', 'memory']))
  })

  it('have no data, no start function and no mutable global, so that instances can share a memory', () => {
    const sections = sectionsOf(kernelBytes)
    const ids = [...sections.keys()]
    expect(ids).toEqual(expect.arrayContaining([TYPE, IMPORT, FUNCTION, GLOBAL, EXPORT, CODE]))
    expect(ids).not.toContain(START)
    expect(ids).not.toContain(DATA)
    expect(ids).not.toContain(DATA_COUNT)
    expect(mutableGlobals(sections.get(GLOBAL) as Uint8Array)).toBe(0)
  })

  it('use unshared memory and no atomics', () => {
    const section = sectionsOf(kernelBytes).get(IMPORT) as Uint8Array
    // one import: the lengths of "env" and "memory", kind 2 (memory), limits
    expect(Buffer.from(section.subarray(0, 12)).toString('latin1')).toBe('\x01\x03env\x06memory')
    expect(section[12]).toBe(2)
    expect(section[13] & 2).toBe(0) // bit 1 of the limits' flags: shared
    // validation against an unshared memory rejects atomic instructions (prefix 0xfe)
    expect(text()).not.toMatch(/\batomic\b|\.atomic\./)
  })

  it('use no fused or relaxed arithmetic, which machines may round differently', () => {
    expect(text()).not.toMatch(/relaxed|madd/)
    expect(text()).toMatch(/f32x4\.mul/)
  })

  it('are inlined in the package unchanged', () => {
    expect(Buffer.from(kernel, 'hex').equals(kernelBytes)).toBe(true)
  })
})

const [TYPE, IMPORT, FUNCTION, GLOBAL, EXPORT, START, CODE, DATA, DATA_COUNT] = [1, 2, 3, 6, 7, 8, 10, 11, 12]

/** The text form that the compiler writes next to the module. */
function text(): string {
  return readFileSync(new URL('../../build/kernel.wat', import.meta.url), 'utf8')
}

/** The sections of a module, by id. */
function sectionsOf(module: Uint8Array): Map<number, Uint8Array> {
  expect(Buffer.from(module.subarray(0, 8)).toString('hex')).toBe('0061736d01000000')
  const sections = new Map<number, Uint8Array>()
  for (let at = 8; at < module.length;) {
    const id = module[at]
    const [size, start] = unsigned(module, at + 1)
    sections.set(id, module.subarray(start, start + size))
    at = start + size
  }
  return sections
}

/** The LEB128 number at an index, and the index after it. */
function unsigned(bytes: Uint8Array, at: number): [value: number, after: number] {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return [value, at]
  }
}

/** The number of mutable globals; each global is a type, a flag and `i32.const n end`. */
function mutableGlobals(section: Uint8Array): number {
  let [left, at] = unsigned(section, 0)
  let mutable = 0
  for (; left > 0; left--) {
    expect([section[at], section[at + 2]]).toEqual([0x7f, 0x41]) // i32, i32.const
    mutable += section[at + 1]
    at = unsigned(section, at + 3)[1] + 1
  }
  expect(at).toBe(section.length)
  return mutable
}
