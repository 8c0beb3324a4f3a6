/**
 * `npm run bench:scaling`: how close the engine comes to the limits of the machine, and how fills scale with threads,
 * sizes, cold memory, many small tensors and slices. Writes build/bench/scaling.json.
 *
 *   npm run bench:scaling -- --rounds 9 --threads 2,4 --docs      --docs writes docs/benchmarks/scaling.md
 */

import { execFileSync } from 'node:child_process'
import { createEngine, normal, truncatedNormal, uniform } from '../dist/index.js'
import { generateChunks, computeEngineMemory, lendBuffers, planModel, PRESETS } from '../dist/models/index.js'
import {
  computeRatio,
  createParallelCase,
  formatTable,
  machine,
  median,
  parseFlags,
  publishReport,
  timeInterleaved,
} from './harness.mjs'
import { createRawBitCases } from './raw-bits.mjs'
import { timeGrid } from './scaling-grid.mjs'

const flags = parseFlags(9, { threads: { type: 'string', default: '' } })
const { rounds } = flags
const Mi = 2 ** 20
const N = 64 * Mi
const name = { seed: 1, name: 'bench' }
const std = { std: 0.02 }

const one = await createEngine({ threads: 1, memory: 5 * N + 2 ** 24 })
const maxThreads = (await createEngine()).info.threads
const counts = flags.threads
  ? flags.threads.split(',').map(Number)
  : [2, 4, 8, 16].filter((n) => n <= maxThreads)
const threaded = new Map()
for (const n of counts) threaded.set(n, await createEngine({ threads: n, memory: 5 * N + 2 ** 24 }))

const lent = one.lend(N)
const half = one.lend(N / 8, 'bf16')
const own = new Float32Array(N)
const cases = new Map()
const elements = new Map()
const add = (label, count, run) => {
  cases.set(label, run)
  elements.set(label, count)
}

const raw = await createRawBitCases(N)
add('bits, own array', N, raw.wasm)
add('normal', N, () => one.fillSync(lent.data, normal(std), name))
add('normal, own array', N, () => one.fillSync(own, normal(std), name))
add('normal, new array', N / 8, () => one.fillSync(new Float32Array(N / 8), normal(std), name))
add('uniform', N, () => one.fillSync(lent.data, uniform(), name))
add('truncated normal, ±2σ', N, () =>
  one.fillSync(lent.data, truncatedNormal({ std: 1, low: -2, high: 2 }), name),
)
add('normal bf16', N / 8, () => one.fillSync(half.data, normal(std), { ...name, dtype: 'bf16' }))
add('normal, one engine in cache', N, createParallelCase(1, N))
for (const [n, engine] of threaded) {
  const { data } = engine.lend(N)
  add(`normal, ${n} engines in cache`, n * N, createParallelCase(n, N))
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
const smallTensors = Array.from({ length: 10_000 }, (_, i) => ({
  shape: [768],
  strategy,
  name: `layer.${i}.norm`,
  seed: 1,
  target: own.subarray(768 * i, 768 * (i + 1)),
}))
add('10,000 tensors of 768', 7_680_000, () => one.tensors(smallTensors))
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

const times = await timeInterleaved(cases, rounds)
const nanoseconds = (label) => (median(times.get(label)) * 1e6) / elements.get(label)
const ratioRow = (label, a, b, scale = 1) => {
  const { median, min, max } = computeRatio(times, a, b)
  return [label, ...[median, min, max].map((x) => (x * scale).toFixed(2))]
}
const speeds = [
  ['64 Mi elements, warm, one thread unless noted', 'ns/el', 'M el/s'],
  ...[...cases.keys()]
    .slice(0, -1)
    .map((label) => [label, nanoseconds(label).toFixed(3), (1000 / nanoseconds(label)).toFixed(0)]),
]
const ratios = [
  ['ratio', 'median', 'min', 'max'],
  ratioRow('normal into own array ÷ bits into own array', 'normal, own array', 'bits, own array'),
  ratioRow('normal into own array ÷ into lent memory', 'normal, own array', 'normal'),
  ...counts.flatMap((n) => [
    ratioRow(`1 thread ÷ ${n} threads, lent memory`, 'normal', `normal, ${n} threads`),
    ratioRow(
      `the limit for ${n} threads here: ${n} independent engines`,
      'normal, one engine in cache',
      `normal, ${n} engines in cache`,
      n,
    ),
  ]),
  ratioRow(
    '10,000 tensors of 768 ÷ one of the same size',
    '10,000 tensors of 768',
    'one tensor of 7,680,000',
  ),
  ratioRow(
    'an eighth of the columns ÷ the whole matrix',
    'columns of 8192 x 8192, an eighth at a time',
    'normal',
    1 / 8,
  ),
]
publishReport({
  name: 'scaling',
  title: 'Scaling',
  command: 'bench:scaling',
  sections: [
    `${machine}; medians of ${rounds} interleaved rounds.`,
    formatTable(speeds),
    formatTable(ratios),
    `\`createEngine()\` with threads, in a Node that has started: ${median(times.get('createEngine')).toFixed(1)} ms.`,
    'Memory of the engine, already touched, on one thread. The last column is memory that was never touched:',
    await timeGrid(Math.min(3, rounds)),
  ],
  result: { machine, rounds, milliseconds: Object.fromEntries(times) },
  docs: flags.docs,
})
for (const e of [one, engine, ...threaded.values()]) await e.close()
