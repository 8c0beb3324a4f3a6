/** What each part of the source may import, and where files may lie. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The modules that a source file imports or exports from, types included and examples in docstrings excluded. */
function readImports(file: string): string[] {
  const source = readFileSync(file, 'utf8').replace(/^ *\*.*$/gm, '')
  return [...source.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*(['"])([^'"\n]+)\1/g)].map(
    (match) => match[2],
  )
}

function resolveImport(file: string, name: string): string | undefined {
  const path = join(file, '..', name)
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`, `${path}/index.tsx`].find(
    (candidate) => /\.tsx?$/.test(candidate) && existsSync(candidate),
  )
}

/** The files of src/ that an entry consists of, and the packages that they import. */
function collectImports(entry: string): { files: string[]; packages: Set<string> } {
  const files = [`src/${entry}`]
  const packages = new Set<string>()
  for (const file of files) {
    for (const name of readImports(file)) {
      if (!name.startsWith('.')) packages.add(name.split('/').slice(0, 2).join('/'))
      const path = name.startsWith('.') ? join(file, '..', name) : file
      if (!files.includes(path)) files.push(path)
    }
  }
  return { files: files.map((file) => file.replaceAll('\\', '/')), packages }
}

function listSources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file))
}

/** A cycle in the imports of a folder, as a list that ends with its first file; undefined if there is none. */
function findCycle(folder: string): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    path.push(file)
    for (const name of readImports(file)) {
      const target = name.startsWith('.') ? resolveImport(file, name) : undefined
      const cycle = target && visit(target)
      if (cycle) return cycle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of listSources(folder)) {
    const cycle = visit(file)
    if (cycle) return cycle
  }
  return undefined
}

describe('the source', () => {
  it.each(['src', 'site/src'])('%s has no cycle of imports, not even of types', (folder) => {
    expect(findCycle(folder)).toBeUndefined()
  })

  it('has unique file names, except for index.ts', () => {
    const names = listSources('src')
      .map((file) => basename(file))
      .filter((name) => name !== 'index.ts')
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })

  it('has only index.ts and folders in its root', () => {
    const files = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.map(({ name }) => name)).toEqual(['index.ts'])
  })
})

describe('simdinit', () => {
  const { files, packages } = collectImports('index.ts')

  it('imports a hash, and nothing of Node', () => {
    expect([...packages].toSorted()).toEqual(['@noble/hashes'])
  })

  it('contains all of the engine and nothing of models, files or the command line', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'src/engine/wasm-backend.ts',
        'src/engine/js-backend.ts',
        'src/rng/stream.ts',
        'src/numeric/normal-quantile.ts',
      ]),
    )
    expect(files.filter((file) => /^src\/(models|safetensors|node|cli)\//.test(file))).toEqual([])
  })
})

describe('simdinit/random', () => {
  it('imports a hash and files of random, rng, numeric and errors alone', () => {
    const { files, packages } = collectImports('random/index.ts')
    expect([...packages]).toEqual(['@noble/hashes'])
    expect(
      files.filter((file) => !/(^|[/\\])(random|rng|numeric|errors)[/\\][\w-]+\.ts$/.test(file)),
    ).toEqual([])
  })
})

describe('the entry points for pages', () => {
  it.each(['models', 'safetensors', 'inspect'])('import nothing of Node: simdinit/%s', (entry) => {
    const { files, packages } = collectImports(`${entry}/index.ts`)
    expect([...packages].filter((name) => !name.startsWith('@noble/'))).toEqual([])
    expect(files.filter((file) => /^src\/(node|cli)\//.test(file))).toEqual([])
  })
})
