/**
 * `npm run bench:orthogonal`: orthogonal matrices beside PyTorch's, by QR on its BLAS, and TensorFlow.js's.
 * Interleaved rounds, medians, ratios; and how orthogonal ours is.
 *
 *   npm run bench:orthogonal -- --rounds 7 --docs      --docs writes docs/benchmarks/orthogonal.md
 */

import { realpathSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createEngine, orthogonal } from '../dist/index.js'
import { interleaved, machine, markdown, median, ratio } from './harness.mjs'
import { require, startPython, versionOf } from './baselines/load.mjs'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, docs: { type: 'boolean', default: false } },
})
const versions = { '@tensorflow/tfjs': versionOf('@tensorflow/tfjs') }
const one = await createEngine({ threads: 1 })
const several = await createEngine()
const { threads } = several.info
const name = { seed: 1, name: 'bench' }

const targets = new Map()
const target = (n) => targets.get(n) ?? targets.set(n, new Float32Array(n * n)).get(n)
const ours = (n) => () => one.fillSync(target(n), orthogonal(), { ...name, shape: [n, n] })
const cases = new Map()
for (const n of [256, 1024, 2048]) cases.set(`simdinit ${n}²`, ours(n))
if (threads > 1) {
  cases.set(`simdinit 2048², ${threads} threads`, () =>
    several.fill(target(2048), orthogonal(), { ...name, shape: [2048, 2048] }),
  )
}
const python = await startPython()
const torch = python?.cases.includes('torch orthogonal_')
if (torch) {
  versions.torch = python.versions.torch
  for (const n of [256, 1024, 2048]) cases.set(`PyTorch ${n}²`, () => python.ask(['torch orthogonal_', n, 1]))
  if (threads > 1) {
    cases.set(`PyTorch 2048², ${threads} threads`, () => python.ask(['torch orthogonal_', 2048, threads]))
  }
} else process.stderr.write('no python3 with torch here: PyTorch is left out\n')
const tf = require('@tensorflow/tfjs')
await tf.setBackend('cpu')
console.warn = () => {} // it says that this will be slow
cases.set('TensorFlow.js 256²', () => {
  const tensor = tf.initializers.orthogonal({}).apply([256, 256])
  tensor.dataSync()
  tensor.dispose()
})

const times = await interleaved(cases, Number(flags.rounds))
python?.end()

/** The greatest entry of Q'Q - 1, in f64. */
function error(q, n) {
  const columns = Array.from({ length: n }, (_, c) =>
    Float64Array.from({ length: n }, (_, r) => q[r * n + c]),
  )
  let worst = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [columns[i], columns[j]]
      let sum = i === j ? -1 : 0
      for (let r = 0; r < n; r++) sum += a[r] * b[r]
      worst = Math.max(worst, Math.abs(sum))
    }
  }
  return worst
}
ours(2048)()

const compared = [256, 1024, 2048].map((n) => [`simdinit ${n}²`, `PyTorch ${n}²`])
compared.push([`simdinit 2048², ${threads} threads`, `PyTorch 2048², ${threads} threads`])
compared.push([`simdinit 2048², ${threads} threads`, 'simdinit 2048²'])
const report = [
  `${machine}. ${Object.entries(versions)
    .map(([peer, version]) => `${peer} ${version}`)
    .join(', ')}${torch ? `; its BLAS: ${python.blas.map((path) => realpathSync(path)).join(', ')}` : ''}.`,
  `Medians of ${flags.rounds} interleaved rounds; f32, one thread unless said.`,
  markdown([
    ['', 'ms', 'least', 'most'],
    ...[...times].map(([label, list]) => [
      label,
      ...[median(list), Math.min(...list), Math.max(...list)].map((ms) => ms.toFixed(1)),
    ]),
  ]),
  markdown([
    ['time ÷ time', 'median', 'least', 'most'],
    ...compared
      .filter((pair) => pair.every((label) => times.has(label)))
      .map(([a, b]) => {
        const { median, least, most } = ratio(times, a, b)
        return [`${a} ÷ ${b}`, ...[median, least, most].map((x) => x.toFixed(2))]
      }),
    [
      'TensorFlow.js 256² ÷ simdinit 256²',
      ...Object.values(ratio(times, 'TensorFlow.js 256²', 'simdinit 256²')).map((x) => x.toFixed(0)),
    ],
  ]),
  `The greatest entry of QᵀQ − 1 of ours, 2048², is ${error(target(2048), 2048).toExponential(1)}.`,
].join('\n\n')
console.log(report)
if (flags.docs) {
  writeFileSync(
    'docs/benchmarks/orthogonal.md',
    `# Orthogonal matrices\n\nMade by \`npm run bench:orthogonal -- --docs\`. Ratios are what to quote, since machines differ.\n\n${report}\n`,
  )
}
await several.close()
process.exit(0)
