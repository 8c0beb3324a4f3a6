/**
 * `npm run bench:scaling`: how near the engine comes to what the machine can do, and what surrounds a fill: threads,
 * sizes, memory that is cold, many small tensors, slices, starting. Writes build/limits.json; with --docs
 * docs/benchmarks/scaling.md.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createEngine, normal, truncatedNormal, uniform } from '../dist/index.js'
import { generateChunks, computeEngineMemory, lendBuffers, planModel, PRESETS } from '../dist/models/index.js'
import { bits } from './raw-bits.mjs'
import { grid } from './scaling-grid.mjs'
import { interleaved, machine, markdown, median, ratio, sideBySide } from './harness.mjs'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    threads: { type: 'string', default: '' },
    docs: { type: 'boolean', default: false },
  },
})
const rounds = Number(flags.rounds)
const Mi = 2 ** 20
const N = 64 * Mi
const name = { seed: 1, name: 'bench' }
const std = { std: 0.02 }

const one = await createEngine({ threads: 1, memory: 5 * N + 2 ** 24 })
const most = (await createEngine()).info.threads
const counts = flags.threads ? flags.threads.split(',').map(Number) : [2, 4, 8, 16].filter((n) => n <= most)
const many = new Map()
for (const n of counts) many.set(n, await createEngine({ threads: n, memory: 5 * N + 2 ** 24 }))

const lent = one.lend(N)
const half = one.lend(N / 8, 'bf16')
const own = new Float32Array(N)
const cases = new Map()
const elements = new Map()
const add = (label, count, run) => {
  cases.set(label, run)
  elements.set(label, count)
}

const raw = await bits(N)
add('bits, own array', N, raw.wasm)
add('normal', N, () => one.fillSync(lent.data, normal(std), name))
add('normal, own array', N, () => one.fillSync(own, normal(std), name))
add('normal, new array', N / 8, () => one.fillSync(new Float32Array(N / 8), normal(std), name))
add('uniform', N, () => one.fillSync(lent.data, uniform(), name))
add('truncated normal, ±2σ', N, () =>
  one.fillSync(lent.data, truncatedNormal({ std: 1, low: -2, high: 2 }), name),
)
add('normal bf16', N / 8, () => one.fillSync(half.data, normal(std), { ...name, dtype: 'bf16' }))
add('normal, one engine in cache', N, sideBySide(1, N))
for (const [n, engine] of many) {
  const { data } = engine.lend(N)
  add(`normal, ${n} engines in cache`, n * N, sideBySide(n, N))
  add(`normal, ${n} threads`, N, () => engine.fill(data, normal(std), name))
  add(`normal, ${n} threads, own array`, N, () => engine.fill(own, normal(std), name))
}
for (const size of [64, 1024, 16384, 262144]) {
  const small = own.subarray(0, size)
  add(`normal, ${size} at a time`, 4 * Mi, () => {
    for (let i = 0; i < (4 * Mi) / size; i++) one.fillSync(small, normal(std), name)
  })
}

const strategy = normal(std)
const storm = Array.from({ length: 10_000 }, (_, i) => ({
  shape: [768],
  strategy,
  name: `layer.${i}.norm`,
  seed: 1,
  target: own.subarray(768 * i, 768 * (i + 1)),
}))
add('10,000 tensors of 768', 7_680_000, () => one.tensors(storm))
add('one tensor of 7,680,000', 7_680_000, () => one.fill(own.subarray(0, 7_680_000), normal(std), name))
const shape = [8192, 8192]
add('columns of 8192 x 8192, an eighth at a time', N, () => {
  for (let column = 0; column < 8192; column += 1024) {
    const slice = [
      [0, 8192],
      [column, column + 1024],
    ]
    one.fillSync(lent.data.subarray(0, N / 8), normal(std), { ...name, shape, slice })
  }
})
const gpt2 = planModel(PRESETS.gpt2.config)
const engine = await createEngine({ threads: 1, memory: computeEngineMemory() })
add('GPT-2 124M, all tensors', gpt2.parameters, async () => {
  const buffers = lendBuffers(engine)
  for await (const _ of generateChunks(engine, gpt2.files[0], 0, buffers));
  for (const buffer of buffers) buffer.release()
})
add('createEngine', 1, () => {
  const script = `import { createEngine } from './dist/index.js'
    const start = performance.now(); await createEngine({ threads: 2 }); console.log(performance.now() - start)`
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
})

const times = await interleaved(cases, rounds)
const per = (label) => (median(times.get(label)) * 1e6) / elements.get(label)
const figure = (label, a, b, scale = 1) => {
  const { median, least, most } = ratio(times, a, b)
  return [label, ...[median, least, most].map((x) => (x * scale).toFixed(2))]
}
const speeds = [
  ['64 Mi elements, warm, one thread unless said', 'ns/el', 'M el/s'],
  ...[...cases.keys()]
    .slice(0, -1)
    .map((label) => [label, per(label).toFixed(3), (1000 / per(label)).toFixed(0)]),
]
const ratios = [
  ['ratio', 'median', 'least', 'most'],
  figure('normal into own array ÷ bits into own array', 'normal, own array', 'bits, own array'),
  figure('normal into own array ÷ into lent memory', 'normal, own array', 'normal'),
  ...counts.flatMap((n) => [
    figure(`1 thread ÷ ${n} threads, lent memory`, 'normal', `normal, ${n} threads`),
    figure(
      `the most that ${n} threads gain here: engines side by side`,
      'normal, one engine in cache',
      `normal, ${n} engines in cache`,
      n,
    ),
  ]),
  figure('10,000 tensors of 768 ÷ one of the same size', '10,000 tensors of 768', 'one tensor of 7,680,000'),
  figure(
    'an eighth of the columns ÷ the whole matrix',
    'columns of 8192 x 8192, an eighth at a time',
    'normal',
    1 / 8,
  ),
]
const report = [
  `${machine}; medians of ${rounds} interleaved rounds.`,
  markdown(speeds),
  markdown(ratios),
  `\`createEngine()\` with threads, after a warm start of Node: ${median(times.get('createEngine')).toFixed(1)} ms.`,
  'Lent memory, touched before, one thread; the last column is memory that never was:',
  await grid(3),
].join('\n\n')
console.log(report)
mkdirSync('build', { recursive: true })
writeFileSync(
  'build/limits.json',
  `${JSON.stringify({ machine, rounds, milliseconds: Object.fromEntries(times) }, null, 2)}\n`,
)
if (flags.docs)
  writeFileSync(
    'docs/benchmarks/scaling.md',
    `# At the machine's limit\n\nMade by \`npm run bench:scaling -- --docs\`.\n\n${report}\n`,
  )
for (const e of [one, engine, ...many.values()]) await e.close()
