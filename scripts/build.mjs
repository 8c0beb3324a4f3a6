/**
 * Installs and builds what is missing or out of date, and nothing else. `npm start`, `npm test` and
 * `npm run bench` begin with it, so that each works on a fresh clone with Node and npm alone.
 *
 *   package-lock.json -> node_modules       npm ci
 *   assembly/         -> build/kernel.wasm  asc
 *                     -> src/engine/*.generated.ts        the same bytes, and the worker's text, inlined
 *   src/node/inspect-worker.ts -> src/node/inspect-worker.generated.ts  it and what it imports, in one text
 *   src/              -> dist/              tsc; the command in one file, since a hundred take a tenth of a second to load
 *
 * A step is up to date when a digest of all its inputs equals the one left by its last success. Arguments name the
 * steps to look at (`node scripts/build.mjs kernel inline`); without any it is all.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

process.chdir(join(import.meta.dirname, '..'))

await step('node_modules', ['package-lock.json'], ['node_modules/.package-lock.json'], () => {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
})

await step('kernel', ['assembly', 'asconfig.json', 'package-lock.json'], ['build/kernel.wasm'], () => {
  run('node', ['node_modules/assemblyscript/bin/asc.js', '--config', 'asconfig.json', '--target', 'release'])
})

const inlined = ['src/engine/kernel.generated.ts', 'src/engine/worker.generated.ts']
await step('inline', ['build/kernel.wasm', 'src/engine/worker.js', 'scripts/build.mjs'], inlined, () => {
  const bytes = readFileSync('build/kernel.wasm')
  const worker = readFileSync('src/engine/worker.js', 'utf8')
  writeFileSync(
    'src/engine/worker.generated.ts',
    `// The text of worker.js, made by scripts/build.mjs.\n` +
      `export const workerSource: string =\n  ${JSON.stringify(worker)}\n`,
  )
  writeFileSync(
    'src/engine/kernel.generated.ts',
    `// The compiled kernels of assembly/, made by scripts/build.mjs.\n` +
      `export const kernel: string =\n  '${bytes.toString('hex')}'\n`,
  )
})

const [thread, threadText] = ['src/node/inspect-worker.ts', 'src/node/inspect-worker.generated.ts']
const written = filesUnder('src').filter((file) => !file.endsWith('.generated.ts'))
await step('thread', [...written, 'package-lock.json'], [threadText], async () => {
  const { code } = await bundle({ input: thread, output: { format: 'cjs', minify: true } })
  writeFileSync(
    threadText,
    `// The text of inspect-worker.ts, made by scripts/build.mjs.\n` +
      `export const threadSource: string =\n  ${JSON.stringify(code)}\n`,
  )
})

await step(
  'dist',
  ['src', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'],
  ['dist/cli/main.js'],
  async () => {
    rmSync('dist', { recursive: true, force: true })
    run('node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
    copyFileSync('build/kernel.wasm', 'dist/kernel.wasm')
    copyFileSync('src/engine/worker.js', 'dist/worker.js')
    copyFileSync('src/engine/kernel.wasm.d.ts', 'dist/kernel.wasm.d.ts')
    copyFileSync('src/engine/worker.d.ts', 'dist/worker.d.ts')
    const command = 'dist/cli/main.js'
    const { code } = await bundle({ input: command, external: /^[^./]/, output: {} })
    writeFileSync(command, code)
  },
)

/** One file of it and all that it imports. */
async function bundle({ output, ...options }) {
  const { build } = await import('rolldown')
  const { output: files } = await build({
    ...options,
    platform: 'node',
    logLevel: 'warn',
    write: false,
    output: { ...output, codeSplitting: false },
  })
  return files[0]
}

/** Runs `make` unless `outputs` exist and `inputs` are those of its last success. */
async function step(name, inputs, outputs, make) {
  if (process.argv.length > 2 && !process.argv.includes(name)) return
  const stamp = `build/${name}.stamp`
  const digest = digestOf(inputs)
  const fresh =
    existsSync(stamp) && readFileSync(stamp, 'utf8') === digest && outputs.every((f) => existsSync(f))
  if (fresh) return
  rmSync(stamp, { force: true })
  await make()
  mkdirSync('build', { recursive: true })
  writeFileSync(stamp, digest)
}

function digestOf(paths) {
  const hash = createHash('sha256').update(process.version.split('.')[0])
  for (const file of paths.flatMap(filesUnder).toSorted())
    hash.update(file).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

function filesUnder(path) {
  if (!existsSync(path)) return []
  if (!/^[^.]+$/.test(path)) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (error || status !== 0) {
    process.stderr.write(`build: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}\n`)
    process.exit(1)
  }
}
