/**
 * `npm run bench:orthogonal`: orthogonal matrices compared with PyTorch, which uses the QR of its BLAS, and with
 * TensorFlow.js. Interleaved rounds, medians, ratios, and the error of our matrices.
 *
 *   npm run bench:orthogonal -- --rounds 7 --docs      --docs writes docs/benchmarks/orthogonal.md
 */

import { realpathSync } from 'node:fs'
import { createEngine, orthogonal } from '../dist/index.js'
import { require, startPython, versionOf } from './baselines/load.mjs'
import {
  formatRatios,
  formatTable,
  machine,
  median,
  parseFlags,
  publishReport,
  timeInterleaved,
} from './harness.mjs'

const flags = parseFlags(7)
const versions = { '@tensorflow/tfjs': versionOf('@tensorflow/tfjs') }
const one = await createEngine({ threads: 1 })
const threadedEngine = await createEngine()
const { threads } = threadedEngine.info
const name = { seed: 1, name: 'bench' }

const targets = new Map()
const target = (n) => targets.get(n) ?? targets.set(n, new Float32Array(n * n)).get(n)
const fillSimdinit = (n) => () => one.fillSync(target(n), orthogonal(), { ...name, shape: [n, n] })
const cases = new Map()
for (const n of [256, 1024, 2048]) cases.set(`simdinit ${n}²`, fillSimdinit(n))
if (threads > 1) {
  cases.set(`simdinit 2048², ${threads} threads`, () =>
    threadedEngine.fill(target(2048), orthogonal(), { ...name, shape: [2048, 2048] }),
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
} else process.stderr.write('no python3 with torch found: PyTorch is skipped\n')
const tf = require('@tensorflow/tfjs')
await tf.setBackend('cpu')
console.warn = () => {} // TensorFlow.js warns that this is slow
cases.set('TensorFlow.js 256²', () => {
  const tensor = tf.initializers.orthogonal({}).apply([256, 256])
  tensor.dataSync()
  tensor.dispose()
})

const times = await timeInterleaved(cases, flags.rounds)
python?.end()

/** The largest entry of QᵀQ − I, computed in f64. */
function measureError(q, n) {
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
fillSimdinit(2048)()

const compared = [256, 1024, 2048].map((n) => [`simdinit ${n}²`, `PyTorch ${n}²`])
compared.push([`simdinit 2048², ${threads} threads`, `PyTorch 2048², ${threads} threads`])
compared.push([`simdinit 2048², ${threads} threads`, 'simdinit 2048²'])
compared.push(['TensorFlow.js 256²', 'simdinit 256²'])
publishReport({
  name: 'orthogonal',
  title: 'Orthogonal matrices',
  command: 'bench:orthogonal',
  sections: [
    `${machine}. ${Object.entries(versions)
      .map(([library, version]) => `${library} ${version}`)
      .join(', ')}${torch ? `; BLAS: ${python.blas.map((path) => realpathSync(path)).join(', ')}` : ''}.`,
    `Medians of ${flags.rounds} interleaved rounds; f32, one thread unless noted.`,
    formatTable([
      ['', 'ms', 'min', 'max'],
      ...[...times].map(([label, list]) => [
        label,
        ...[median(list), Math.min(...list), Math.max(...list)].map((ms) => ms.toFixed(1)),
      ]),
    ]),
    formatRatios(times, compared, 2),
    `The largest entry of QᵀQ − I of our 2048² matrix is ${measureError(target(2048), 2048).toExponential(1)}.`,
  ],
  docs: flags.docs,
})
await threadedEngine.close()
process.exit(0)
