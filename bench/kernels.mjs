/**
 * `npm run bench`: plain JavaScript against the WebAssembly kernels, timed by Benchmark.js.
 *
 * Both engines fill the same array and must give the same bytes before either is timed. The cases run in turn, round
 * after round, so that a machine that changes its speed affects all of them. The table shows medians over the rounds.
 * Writes build/bench/kernels.json.
 *
 *   npm run bench -- --rounds 5 --size 1048576 --docs      --docs writes docs/benchmarks/kernels.md
 */

import Benchmark from 'benchmark'
import { createEngine, normal, truncatedNormal, uniform } from '../dist/index.js'
import {
  computeRatio,
  formatTable,
  machine,
  median,
  parseFlags,
  publishReport,
  showProgress,
} from './harness.mjs'
import { createRawBitCases } from './raw-bits.mjs'

const flags = parseFlags(5, { size: { type: 'string', default: String(2 ** 20) } })
const { rounds } = flags
const size = Number(flags.size)

const wasm = await createEngine({ backend: 'wasm', memory: 2 ** 20 + 8 * size })
const js = await createEngine({ backend: 'js', memory: 2 ** 20 })
const lent = wasm.lend(size)
const f32 = new Float32Array(size)
const u16 = new Uint16Array(size)
const name = { seed: 1, name: 'bench' }

/** What both engines time. `js` and `wasm` must leave the same bytes in `target`. */
const rows = [
  { label: 'bits', ...(await createRawBitCases(size)) },
  ...[
    ['uniform f32', uniform(), 'f32'],
    ['normal f32', normal({ std: 0.02 }), 'f32'],
    ['truncated normal f32, ±2σ', truncatedNormal({ std: 0.02, low: -0.04, high: 0.04 }), 'f32'],
    ['truncated normal f32, [-1σ, 3σ]', truncatedNormal({ std: 0.02, low: -0.02, high: 0.06 }), 'f32'],
    ['normal bf16', normal({ std: 0.02 }), 'bf16'],
    ['normal f16', normal({ std: 0.02 }), 'f16'],
  ].map(([label, strategy, dtype]) => {
    const target = dtype === 'f32' ? f32 : u16
    return {
      label,
      js: () => js.fillSync(target, strategy, { ...name, dtype }),
      wasm: () => wasm.fillSync(target, strategy, { ...name, dtype }),
      target: () => target,
    }
  }),
]

/** For comparison: the usual snippet, the upper limit, and memory of the engine, which saves a copy. */
const others = {
  'Math.random Box–Muller f32': () => {
    for (let i = 0; i < size; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - Math.random()))
      f32[i] = 0.02 * radius * Math.cos(2 * Math.PI * Math.random())
    }
  },
  'Float32Array.fill (upper limit)': () => f32.fill(1.5),
  'normal f32, wasm, lent memory': () => wasm.fillSync(lent.data, normal({ std: 0.02 }), name),
}

for (const row of rows) {
  row.js()
  const expected = Buffer.from(row.target().slice().buffer)
  row.target().fill(0)
  row.wasm()
  if (!expected.equals(Buffer.from(row.target().slice().buffer))) {
    throw new Error(`${row.label}: js and wasm differ; nothing is timed`)
  }
}

const cases = new Map([
  ...rows.flatMap(({ label, js, wasm }) => [
    [`${label} / js`, js],
    [`${label} / wasm`, wasm],
  ]),
  ...Object.entries(others),
])
const times = new Map([...cases.keys()].map((label) => [label, []]))
for (let round = 0; round < rounds; round++) {
  const suite = new Benchmark.Suite()
  for (const [label, run] of cases) suite.add(label, run, { maxTime: 0.2, minSamples: 5 })
  suite.on('cycle', ({ target }) => {
    if (target.error) throw target.error
    times.get(target.name).push((median(target.stats.sample) * 1e9) / size)
    showProgress(`round ${round + 1} of ${rounds}: ${target.name}`)
  })
  suite.run()
}
showProgress('')

const ns = Object.fromEntries([...times].map(([label, list]) => [label, median(list)]))
const ratio = (a, b) => computeRatio(times, a, b).median
const boxMuller = 'Math.random Box–Muller f32'
const result = {
  machine,
  elements: size,
  rounds,
  nanosecondsPerElement: ns,
  ratios: {
    ...Object.fromEntries(
      rows.map(({ label }) => [`${label}: js ÷ wasm`, ratio(`${label} / js`, `${label} / wasm`)]),
    ),
    'Math.random Box–Muller ÷ normal f32, wasm': ratio(boxMuller, 'normal f32 / wasm'),
    'normal f32, wasm ÷ Float32Array.fill': ratio('normal f32 / wasm', 'Float32Array.fill (upper limit)'),
    'normal f32, wasm: own array ÷ lent memory': ratio('normal f32 / wasm', 'normal f32, wasm, lent memory'),
  },
}

const fixed = (x, digits) => x.toFixed(digits)
const rate = (label) => fixed(1000 / ns[label], 0)
const rates = [
  ['case', 'js ns/el', 'wasm ns/el', 'wasm M el/s', 'js ÷ wasm'],
  ...rows.map(({ label }) => [
    label,
    fixed(ns[`${label} / js`], 2),
    fixed(ns[`${label} / wasm`], 3),
    rate(`${label} / wasm`),
    fixed(result.ratios[`${label}: js ÷ wasm`], 1),
  ]),
]
const comparison = [
  ['for comparison', 'ns/el', 'M el/s'],
  ...Object.keys(others).map((label) => [label, fixed(ns[label], 3), rate(label)]),
]
const ratios = [
  ['ratio', ''],
  ...Object.entries(result.ratios)
    .slice(rows.length)
    .map(([label, value]) => [label, fixed(value, 1)]),
]
publishReport({
  name: 'kernels',
  title: 'JavaScript against WebAssembly',
  command: 'bench',
  sections: [
    `${machine}; ${size} elements, medians of ${rounds} interleaved rounds, one thread.`,
    ...[rates, comparison, ratios].map(formatTable),
  ],
  result,
  docs: flags.docs,
})
