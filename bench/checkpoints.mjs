/**
 * `npm run bench:checkpoints`: from a config to a checkpoint on the disk, compared with transformers and PyTorch, and
 * with the parts of the work: writing as many bytes with dd (through the page cache and past it), hashing them, and
 * generating them. Whole processes, interleaved rounds, medians of ratios. Writes some gigabytes below build/ and removes
 * them again.
 *
 *   npm run bench:checkpoints -- --rounds 3 --python ~/venv/bin/python --docs    --docs writes docs/benchmarks/checkpoints.md
 *   npm run bench:checkpoints -- --rest 0                                        seconds before each process
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createEngine } from '../dist/index.js'
import { generateChunks, computeEngineMemory, lendBuffers, planModel, PRESETS } from '../dist/models/index.js'
import {
  formatRatios,
  formatTable,
  machine,
  median,
  parseFlags,
  publishReport,
  timeInterleaved,
} from './harness.mjs'

const flags = parseFlags(5, {
  python: { type: 'string', default: 'python3' },
  model: { type: 'string', multiple: true, default: ['gpt2', 'llama-1.1b'] },
  rest: { type: 'string', default: '5' },
})
const folder = 'build/bench-checkpoints'
const fixtures = JSON.parse(readFileSync('scripts/fixtures/model-configs.json', 'utf8'))
const tinyLlama = fixtures.llama.find(({ label }) => label === 'TinyLlama-1.1B').config
const MODELS = {
  gpt2: { title: 'GPT-2, 124M, f32', config: PRESETS.gpt2.config },
  'llama-1.1b': { title: 'TinyLlama, 1.1B, bf16', config: tinyLlama },
}
const OURS = [['simdinit init'], ['simdinit init --no-cache', '--no-cache']]
const hasTransformers =
  spawnSync(flags.python, ['-c', 'import torch, transformers'], { stdio: 'ignore' }).status === 0
if (!hasTransformers)
  process.stderr.write(
    `${flags.python} has no torch and transformers: the comparison is skipped (--python)\n`,
  )

/**
 * Runs a process after a rest, so that no process waits for writes of the previous one or reuses the pages that it has
 * just freed. A virtual machine returns free memory to its host within seconds; until then, writing to those pages takes
 * a third of the time.
 */
function run(command, args) {
  rmSync(`${folder}/out`, { recursive: true, force: true })
  execFileSync('sync')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * Number(flags.rest))
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  const elapsed = performance.now() - start
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return { elapsed, stdout }
}

const runSimdinit = (config, options) => {
  const init = ['dist/cli/main.js', 'init', config, '--out', `${folder}/out`, '--json', '--quiet']
  return run(process.execPath, [...init, ...options]).elapsed
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
  const phases = []
  const cases = new Map()
  if (hasTransformers) {
    cases.set('transformers', () => {
      const { elapsed, stdout } = run(flags.python, [
        'bench/save-with-transformers.py',
        path,
        `${folder}/out`,
      ])
      phases.push(JSON.parse(stdout))
      return elapsed
    })
  }
  for (const [label, ...options] of OURS) cases.set(label, () => runSimdinit(path, options))
  for (const options of [[], ['oflag=direct']]) {
    const size = ['bs=8M', `count=${Math.ceil(plan.bytes / 2 ** 23)}`]
    const args = ['if=/dev/zero', `of=${folder}/out`, ...size, 'conv=fsync', ...options]
    cases.set(['dd conv=fsync', ...options].join(' '), () => run('dd', args).elapsed)
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
    const elapsed = performance.now() - start
    for (const buffer of buffers) buffer.release()
    return elapsed
  })
  const times = await timeInterleaved(cases, flags.rounds, 0)
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })

  const bounds = ['dd conv=fsync', 'SHA-256', 'generation']
  const slowest = times.get(bounds[0]).map((_, i) => Math.max(...bounds.map((label) => times.get(label)[i])))
  times.set('the slowest of the three', slowest)
  const compared = [
    ...(hasTransformers ? OURS.map(([ours]) => ['transformers', ours]) : []),
    ...OURS.flatMap(([ours]) => ['the slowest of the three', ...bounds].map((bound) => [ours, bound])),
  ]
  if (hasTransformers) {
    const { versions: pythonVersions, threads } = phases[0]
    versions = Object.entries({ ...pythonVersions, threads })
      .map((pair) => pair.join(' '))
      .join(', ')
  }
  const seconds = (phase) => median(phases.map((times) => times[phase])).toFixed(1)
  sections.push(
    `## ${title}: ${(plan.bytes / 1e6).toFixed(0)} MB`,
    formatTable([
      ['seconds', 'median', 'min', 'max'],
      ...[...times].map(([label, list]) => [
        label,
        ...[median(list), Math.min(...list), Math.max(...list)].map((ms) => (ms / 1e3).toFixed(2)),
      ]),
    ]),
    formatRatios(times, compared, 2),
  )
  if (hasTransformers) {
    sections.push(
      `The time of transformers in seconds (medians): ${seconds('import')} for imports, ${seconds('make')} for initializing the weights, ${seconds('save')} for saving and ${seconds('sync')} for syncing them.`,
    )
  }
}
rmSync(folder, { recursive: true, force: true })

publishReport({
  name: 'checkpoints',
  title: 'Checkpoints compared with transformers',
  command: 'bench:checkpoints',
  sections: [
    `${machine}.${versions ? ` ${versions}.` : ''}`,
    `Medians of ${flags.rounds} interleaved rounds. Each time is that of a whole process, from its start until the bytes are on the disk. Before each process the machine rests for ${flags.rest} seconds, with the previous files removed. Afterwards the file is in the page cache, where the next program finds it, except with --no-cache, which is off by default, and with oflag=direct.`,
    ...sections,
  ],
  docs: flags.docs,
})
