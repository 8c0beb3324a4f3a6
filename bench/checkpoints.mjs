/**
 * `npm run bench:checkpoints`: from a config to a checkpoint on the disk, beside transformers with PyTorch, and beside
 * its parts alone: writing as many bytes (dd), by way of the page cache and past it, hashing them, making them. Whole
 * processes, interleaved rounds, medians of ratios. Writes some gigabytes below build/, and removes them again.
 *
 *   npm run bench:checkpoints -- --rounds 3 --python ~/venv/bin/python --docs     --docs writes docs/benchmarks/checkpoints.md
 *   npm run bench:checkpoints -- --rest 0                                         seconds before each process
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createEngine } from '../dist/index.js'
import { generateChunks, computeEngineMemory, lendBuffers, planModel, PRESETS } from '../dist/models/index.js'
import { interleaved, machine, markdown, median, ratio } from './harness.mjs'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    python: { type: 'string', default: 'python3' },
    model: { type: 'string', multiple: true, default: ['gpt2', 'llama-1.1b'] },
    rest: { type: 'string', default: '5' },
    docs: { type: 'boolean', default: false },
  },
})
const folder = 'build/bench-checkpoints'
const fixtures = JSON.parse(readFileSync('scripts/fixtures/model-configs.json', 'utf8'))
const tinyLlama = fixtures.llama.find(({ label }) => label === 'TinyLlama-1.1B').config
const MODELS = {
  gpt2: { title: 'GPT-2, 124M, f32', config: PRESETS.gpt2.config },
  'llama-1.1b': { title: 'TinyLlama, 1.1B, bf16', config: tinyLlama },
}
const OURS = [['simdinit init'], ['simdinit init --no-cache', '--no-cache']]
const peer = spawnSync(flags.python, ['-c', 'import torch, transformers'], { stdio: 'ignore' }).status === 0
if (!peer)
  process.stderr.write(`${flags.python} has no torch and transformers: they are left out (--python)\n`)

/**
 * Runs a process, on a disk and a memory that are at rest, so that nobody waits for what another one wrote, and
 * nobody is given the pages that another one has just left: on a virtual machine, which gives free memory back to its
 * host within seconds, writing into those takes a third of the time.
 */
function run(command, args) {
  rmSync(`${folder}/out`, { recursive: true, force: true })
  execFileSync('sync')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * Number(flags.rest))
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  const took = performance.now() - start
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return { took, stdout }
}

const simdinit = (config, more) => {
  const init = ['dist/cli/main.js', 'init', config, '--out', `${folder}/out`, '--json', '--quiet']
  return run(process.execPath, [...init, ...more]).took
}

mkdirSync(folder, { recursive: true })
const sections = []
let versions = ''
for (const name of flags.model) {
  const { title, config } = MODELS[name]
  const path = `${folder}/config.json`
  writeFileSync(path, JSON.stringify(config))
  const plan = planModel(config)
  const engine = await createEngine({ threads: 2, memory: computeEngineMemory() })
  const parts = []
  const cases = new Map()
  if (peer) {
    cases.set('transformers', () => {
      const { took, stdout } = run(flags.python, ['bench/save-with-transformers.py', path, `${folder}/out`])
      parts.push(JSON.parse(stdout))
      return took
    })
  }
  for (const [label, ...more] of OURS) cases.set(label, () => simdinit(path, more))
  for (const more of [[], ['oflag=direct']]) {
    const size = ['bs=8M', `count=${Math.ceil(plan.bytes / 2 ** 23)}`]
    const args = ['if=/dev/zero', `of=${folder}/out`, ...size, 'conv=fsync', ...more]
    cases.set(['dd conv=fsync', ...more].join(' '), () => run('dd', args).took)
  }
  cases.set('SHA-256', () => {
    const buffer = new Uint8Array(2 ** 22)
    const start = performance.now()
    const hash = createHash('sha256')
    for (let left = plan.bytes; left > 0; left -= buffer.length)
      hash.update(buffer.subarray(0, Math.min(left, buffer.length)))
    hash.digest()
    return performance.now() - start
  })
  cases.set('generation', async () => {
    const buffers = lendBuffers(engine)
    const start = performance.now()
    for (const file of plan.files) for await (const _ of generateChunks(engine, file, 0, buffers));
    const took = performance.now() - start
    for (const buffer of buffers) buffer.release()
    return took
  })
  const times = await interleaved(cases, Number(flags.rounds), 0)
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })

  const limits = ['dd conv=fsync', 'SHA-256', 'generation']
  const slowest = times.get(limits[0]).map((_, i) => Math.max(...limits.map((label) => times.get(label)[i])))
  times.set('the slowest of the three', slowest)
  const compared = [
    ...(peer ? OURS.map(([ours]) => ['transformers', ours]) : []),
    ...OURS.flatMap(([ours]) => ['the slowest of the three', ...limits].map((limit) => [ours, limit])),
  ]
  if (peer) {
    const { versions: its, threads } = parts[0]
    versions = Object.entries({ ...its, threads })
      .map((pair) => pair.join(' '))
      .join(', ')
  }
  const mean = (part) => (median(parts.map((seconds) => seconds[part])) ?? 0).toFixed(1)
  sections.push(
    `## ${title}: ${(plan.bytes / 1e6).toFixed(0)} MB`,
    markdown([
      ['seconds', 'median', 'least', 'most'],
      ...[...times].map(([label, list]) => [
        label,
        ...[median(list), Math.min(...list), Math.max(...list)].map((ms) => (ms / 1e3).toFixed(2)),
      ]),
    ]),
    markdown([
      ['time ÷ time', 'median', 'least', 'most'],
      ...compared.map(([a, b]) => {
        const { median, least, most } = ratio(times, a, b)
        return [`${a} ÷ ${b}`, ...[median, least, most].map((x) => x.toFixed(2))]
      }),
    ]),
    ...(peer
      ? [
          `Of transformers' seconds, in the median, ${mean('import')} are imports, ${mean('make')} making the weights, ${mean('save')} saving and ${mean('sync')} syncing them.`,
        ]
      : []),
  )
}
rmSync(folder, { recursive: true, force: true })

const report = [
  `${machine}.${versions ? ` ${versions}.` : ''}`,
  `Medians of ${flags.rounds} interleaved rounds. Processes are timed whole, from their start to the bytes on the disk, each ${flags.rest} seconds after the one before it and what that wrote were gone. What is written is in the page cache afterwards, where the next program finds it, but not with --no-cache, which is no default, nor with oflag=direct.`,
  ...sections,
].join('\n\n')
console.log(report)
if (flags.docs) {
  writeFileSync(
    'docs/benchmarks/checkpoints.md',
    `# Beside transformers\n\nMade by \`npm run bench:checkpoints -- --docs\`. Ratios are what to quote, since machines differ.\n\n${report}\n`,
  )
}
