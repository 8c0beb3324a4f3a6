/**
 * `npm run test:package`: the package as npm publishes it. Checks the files of the tarball, publint and
 * are-the-types-wrong, the values and types that its entries export (exports.json; `--update` writes it), its types
 * without those of Node, the size of the core in a bundle, and bundles that run. Installs the checkers of this folder on its first run.
 */

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ensureInstalled } from '../../../scripts/ensure-installed.mjs'
import { installPacked, run } from '../../support/tarball.mjs'

/** The bytes that a page may load for `import 'simdinit'`, including kernels and worker, minified and compressed. */
const CORE_BUDGET = 40_000

/** A program that uses threads, files and the manifest, and prints what it did. */
const PROGRAM = `
  import { readFileSync } from 'node:fs'
  import { createEngine } from 'simdinit'
  import { init, inspect, verify } from 'simdinit/node'
  async function main() {
    const engine = await createEngine({ threads: 2 })
    const { backend, threads } = await engine.warmUp()
    await engine.close()
    const out = process.argv.at(-1)
    await init('gpt2', { out, set: ['n_layer=1', 'n_embd=12', 'vocab_size=50'], threads: 2 })
    const manifest = JSON.parse(readFileSync(out + '/simdinit.json', 'utf8'))
    const { differences } = await verify(out)
    const { findings } = await inspect(out, { threads: 2 })
    console.log(backend, threads, manifest.package, differences.length, findings.length)
  }
  main()`

const here = import.meta.dirname
const root = join(here, '../../..')
const out = join(root, 'build/package')
const bin = `${here}/node_modules/.bin`
const { exports: entries } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))

if (!ensureInstalled(here)) process.exit(1)
const { tarball, files } = installPacked(out)

const checks = {
  'the tarball contains the expected files': checkFiles,
  publint: () => run(`${bin}/publint`, [tarball, '--strict'], out),
  'are the types wrong': () => run(`${bin}/attw`, [tarball, '--profile', 'esm-only'], out),
  'the entries export the listed names': checkExports,
  'the types need no other packages': checkTypes,
  'the core is small': checkBundleSize,
  'bundles and a single executable run': checkBundles,
}
for (const [name, check] of Object.entries(checks)) {
  try {
    const report = await check()
    console.log(`ok    ${name}${typeof report === 'string' && report.length < 80 ? `: ${report}` : ''}`)
  } catch (error) {
    process.exitCode = 1
    console.log(`FAIL  ${name}: ${error.message}`)
  }
}

/** Every source is included as program and types, as are the worker, the kernels and the documents. */
function checkFiles() {
  const sources = readdirSync(`${root}/src`, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .flatMap((path) =>
      /(?<!\.d)\.ts$/.test(path) ? ['js', 'd.ts'].map((end) => path.replace(/ts$/, end)) : [],
    )
  const meant = [...sources, 'worker.js', 'worker.d.ts', 'kernel.wasm', 'kernel.wasm.d.ts']
  const paper = /^(package\.json|LICENSE|CHANGELOG\.md|README(\.[\w-]+)?\.md|docs\/[\w./-]+\.(md|svg|py))$/
  const found = files.map(({ path }) => path).filter((path) => !paper.test(path))
  same(
    found,
    meant.map((path) => `dist/${path}`),
  )
  const lean = files.filter(({ path, size }) => path.endsWith('.d.ts') && size > 16_000)
  same(
    lean.map(({ path }) => path),
    [],
  )
  return `${files.length} files`
}

/** The exports of every entry: values as Node imports them, and the names that TypeScript sees as types. */
async function checkExports() {
  const typesOf = await typesIn(`${out}/node_modules/simdinit`)
  const names = {}
  for (const [entry, { default: file, types }] of Object.entries(entries)) {
    if (!file?.endsWith('.js') || entry === './worker') continue
    const values = Object.keys(await import(`${out}/node_modules/simdinit/${file}`)).toSorted()
    names[entry] = { values, types: typesOf(types) }
  }
  const fixture = `${here}/exports.json`
  if (process.argv.includes('--update')) {
    writeFileSync(fixture, JSON.stringify(names))
    run(`${root}/node_modules/.bin/oxfmt`, [fixture], root)
  }
  const known = JSON.parse(readFileSync(fixture, 'utf8'))
  const flat = (all) =>
    Object.entries(all).flatMap(([entry, { values, types }]) => [
      ...values.map((name) => `${entry} ${name}`),
      ...types.map((name) => `${entry} type ${name}`),
    ])
  same(flat(names), flat(known))
  return `${flat(names).length} names`
}

/** The names of the types that a file of declarations exports: interfaces, aliases, classes. */
async function typesIn(folder) {
  const { default: ts } = await import('typescript') // the one of are-the-types-wrong: TypeScript 7 has no stable API
  const files = Object.values(entries).flatMap(({ types }) => (types ? [join(folder, types)] : []))
  const module = ts.ModuleKind.NodeNext
  const moduleResolution = ts.ModuleResolutionKind.NodeNext
  const program = ts.createProgram(files, { module, moduleResolution, types: [] })
  const checker = program.getTypeChecker()
  const meaning = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol).flags : symbol.flags
  return (file) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(folder, file))))
      .filter((symbol) => meaning(symbol) & ts.SymbolFlags.Type)
      .map(({ name }) => name)
      .toSorted()
}

/**
 * Compiles a program that uses the entries for pages with the types of the DOM alone, under both compilers. The
 * platform's interfaces accept the data of a tensor, and a factory returns the fields of its strategy.
 */
function checkTypes() {
  const imports = Object.keys(entries)
    .filter((entry) => entry !== './package.json' && entry !== './node')
    .map((entry, i) => `import * as entry${i} from 'simdinit${entry.slice(1)}'\nexport { entry${i} }\n`)
  const program = `
    import { createEngine, normal } from 'simdinit'
    const engine = await createEngine()
    const tensor = await engine.tensor([2, 2], 'heNormal', { name: 'w', dtype: 'bfloat16' })
    const plain = await engine.tensor([2, 2], { type: 'normal', std: 0.02 }, { name: 'v' })
    interface Queue { writeBuffer(buffer: object, offset: number, data: AllowSharedBufferSource): void }
    export const upload = (queue: Queue) => queue.writeBuffer({}, 0, plain.data)
    export const blob = new Blob([tensor.data])
    export const digest = await crypto.subtle.digest('SHA-256', plain.data)
    export const std: number = normal().std
    const shared = await engine.tensor([2], 'zeros', { name: 'u', shared: true })
    // @ts-expect-error a Blob does not accept shared memory
    export const no = new Blob([shared.data])
    // @ts-expect-error a Uint16Array needs a 16-bit dtype
    await engine.fill(new Uint16Array(2), 'zeros', { name: 't' })
    // @ts-expect-error a tensor needs a name
    await engine.tensor([2], 'zeros', {})
  `
  writeFileSync(`${out}/consumer.mts`, imports.join('') + program)
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
  }
  writeFileSync(`${out}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['consumer.mts'] }))
  const compilers = {
    7: `${root}/node_modules/.bin/tsc`,
    5.9: `${here}/node_modules/typescript-5.9/bin/tsc`,
  }
  for (const tsc of Object.values(compilers)) run(tsc, ['--project', 'tsconfig.json'], out)
  return `TypeScript ${Object.keys(compilers).join(' and ')}, with DOM alone`
}

function checkBundleSize() {
  const entry = join(root, 'src/index.ts')
  const bundle = spawnSync(`${bin}/esbuild`, [entry, '--bundle', '--minify', '--format=esm'], { cwd: root })
  if (bundle.status !== 0) throw new Error(String(bundle.stderr))
  const size = gzipSync(bundle.stdout, { level: 9 }).length
  if (size > CORE_BUDGET) throw new Error(`${size} bytes, of ${CORE_BUDGET} that it may have`)
  return `${size} bytes of ${CORE_BUDGET}`
}

/** Bundles the program in a package of another name and version, as modules and as one executable, and runs it. */
function checkBundles() {
  const folder = join(out, 'bundles')
  mkdirSync(folder)
  writeFileSync(`${folder}/package.json`, '{"name": "other", "version": "9.9.9"}')
  writeFileSync(`${folder}/program.mjs`, PROGRAM)
  const { name, version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  const expected = `wasm 2 ${name}@${version} 0 0`
  const check = (kind, command, args) => {
    const printed = run(command, [...args, `${folder}/${kind}-out`], folder)
    if (printed !== expected) throw new Error(`${kind}: ${printed}; expected ${expected}`)
  }
  const bundle = (format, file) => {
    const options = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${file}`]
    run(`${bin}/esbuild`, ['program.mjs', '--log-level=warning', ...options], folder)
    check(format, process.execPath, [file])
  }
  bundle('esm', 'esm.mjs')
  bundle('cjs', 'cjs.cjs')

  const sea = { main: 'cjs.cjs', output: 'sea.blob', disableExperimentalSEAWarning: true }
  writeFileSync(`${folder}/sea.json`, JSON.stringify(sea))
  run(process.execPath, ['--experimental-sea-config', 'sea.json'], folder)
  copyFileSync(process.execPath, `${folder}/sea`)
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'
  run(`${bin}/postject`, ['sea', 'NODE_SEA_BLOB', 'sea.blob', '--sentinel-fuse', fuse], folder)
  check('sea', `${folder}/sea`, [])
}

/** Throws with the missing and the unexpected items of a list. */
function same(found, expected) {
  const missing = expected.filter((item) => !found.includes(item))
  const unknown = found.filter((item) => !expected.includes(item))
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(`missing: ${missing.join(', ') || 'none'}; not meant: ${unknown.join(', ') || 'none'}`)
  }
}
