import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { kernel } from '../../src/engine/kernel.generated.ts'
import { kernelBytes, kernelModule } from '../support/kernel.ts'

/** The names that a source file imports or exports from. */
function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8')
  return [...source.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*(['"])([^'"\n]+)\1/g)].map(
    (match) => match[2],
  )
}

/** The files that a source file of src/ consists of, and the packages that they import. */
function reach(start: string): { files: string[]; packages: Set<string> } {
  const files = [fileURLToPath(new URL(`../../src/${start}`, import.meta.url))]
  const packages = new Set<string>()
  for (const file of files) {
    for (const name of importsOf(file)) {
      const path = join(dirname(file), name)
      if (!name.startsWith('.')) packages.add(name.split('/').slice(0, 2).join('/'))
      else if (!files.includes(path)) files.push(path)
    }
  }
  return { files, packages }
}

describe('the random numbers', () => {
  it('import a hash and a few files, none of the engine', () => {
    const { files, packages } = reach('random/index.ts')
    expect([...packages]).toEqual(['@noble/hashes'])
    expect(files.filter((file) => /engine|strategies|node/.test(file.replace(/.*src/, '')))).toEqual([])
    expect(files.length).toBeLessThan(10)
  })
})

describe('what a page may import', () => {
  it.each(['models', 'safetensors', 'inspect'])('imports nothing of Node: simdinit/%s', (entry) => {
    const { files, packages } = reach(`${entry}/index.ts`)
    expect([...packages].filter((name) => !/^@(noble|assemblyscript)\//.test(name))).toEqual([])
    expect(files.filter((file) => /[/\\](node|cli)[/\\]/.test(file.replace(/.*src/, '')))).toEqual([])
  })
})

describe('the core', () => {
  const { files, packages } = reach('index.ts')

  it('imports the loader, a hash and its own files, nothing of Node', () => {
    expect([...packages].toSorted()).toEqual(['@assemblyscript/loader', '@noble/hashes'])
  })

  it('is all of the engine and of what it fills with, and nothing of models, files or people', () => {
    const names = files.map((file) => file.replaceAll('\\', '/').replace(/.*\/src\//, ''))
    expect(names).toEqual(
      expect.arrayContaining([
        'engine/wasm-backend.ts',
        'engine/js-backend.ts',
        'rng/stream.ts',
        'numeric/normal-quantile.ts',
      ]),
    )
    expect(names.filter((name) => /^(models|safetensors|node|cli)\//.test(name))).toEqual([])
  })
})

describe('the kernels', () => {
  it('import their memory and nothing else', () => {
    expect(WebAssembly.Module.imports(kernelModule)).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ])
  })

  it('export the functions that fill, make matrices and measure, their memory and the constants of their workspace', () => {
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

  it('have no data, no start function and no mutable global: instances can share a memory', () => {
    const sections = sectionsOf(kernelBytes)
    const ids = [...sections.keys()]
    expect(ids).toEqual(expect.arrayContaining([TYPE, IMPORT, FUNCTION, GLOBAL, EXPORT, CODE]))
    expect(ids).not.toContain(START)
    expect(ids).not.toContain(DATA)
    expect(ids).not.toContain(DATA_COUNT)
    expect(mutableGlobals(sections.get(GLOBAL) as Uint8Array)).toBe(0)
  })

  it('use an unshared memory: no atomics', () => {
    const section = sectionsOf(kernelBytes).get(IMPORT) as Uint8Array
    // one import: name lengths and names "env" "memory", kind 2 (memory), limits
    expect(Buffer.from(section.subarray(0, 12)).toString('latin1')).toBe('\x01\x03env\x06memory')
    expect(section[12]).toBe(2)
    expect(section[13] & 2).toBe(0) // bit 1 of the limits' flags: shared
    // the opcodes of atomics (prefix 0xfe) are invalid on an engine's check of an unshared memory
    expect(text()).not.toMatch(/\batomic\b|\.atomic\./)
  })

  it('do without fused and relaxed arithmetic, which machines may round differently', () => {
    expect(text()).not.toMatch(/relaxed|madd/)
    expect(text()).toMatch(/f32x4\.mul/)
  })

  it('are inlined in the package as they were compiled', () => {
    expect(Buffer.from(kernel, 'hex').equals(kernelBytes)).toBe(true)
  })
})

const [TYPE, IMPORT, FUNCTION, GLOBAL, EXPORT, START, CODE, DATA, DATA_COUNT] = [1, 2, 3, 6, 7, 8, 10, 11, 12]

/** The text form that the compiler wrote beside the module. */
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

/** How many globals can be written; each is a type, a flag and `i32.const n end`. */
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
