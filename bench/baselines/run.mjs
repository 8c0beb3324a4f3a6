/**
 * `npm run bench:baselines`: what a user could pick instead, in one run: TensorFlow.js, stdlib, d3-random, pure-rand,
 * onnxruntime-node, and PyTorch and NumPy where a python3 has them. Interleaved rounds, medians, ratios. The
 * peers live in this folder's own package, so that none of them is a dependency of the project.
 *
 *   npm run bench:baselines -- --rounds 7 --docs      --docs writes docs/benchmarks/baselines.md and docs/benchmarks/baselines.svg
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createEngine, normal, truncatedNormal, uniform } from '../../dist/index.js'
import { interleaved, machine, markdown, median, ratio, sideBySide } from '../harness.mjs'
import { bars } from '../svg-chart.mjs'
import { require, startPython, versionOf } from './load.mjs'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, docs: { type: 'boolean', default: false } },
})
const Mi = 2 ** 20
const LARGE = 64 * Mi
const std = { std: 0.02 }
const name = { seed: 1, name: 'bench' }
// what the machine's cores can do at most, for the ratio of threads
const ALONE = 'one engine in cache'
const TOGETHER = 'an engine in cache on each core'
const cases = new Map()
const elements = new Map()
const versions = {}
const add = (label, count, run) => {
  cases.set(label, run)
  elements.set(label, count)
}

// simdinit
const engine = await createEngine({ threads: 1, memory: 5 * LARGE })
const threads = (await createEngine()).info.threads
const several = threads > 1 ? await createEngine({ threads, memory: 5 * LARGE }) : undefined
const data = engine.lend(LARGE).data
const small = data.subarray(0, Mi)
const halves = new Uint16Array(data.buffer, data.byteOffset, LARGE)
add('simdinit normal', LARGE, () => engine.fillSync(data, normal(std), name))
if (several) {
  const shared = several.lend(LARGE).data
  add(ALONE, LARGE, sideBySide(1, LARGE))
  add(TOGETHER, threads * LARGE, sideBySide(threads, LARGE))
  add(`simdinit normal, ${threads} threads`, LARGE, () => several.fill(shared, normal(std), name))
}
add('simdinit uniform', LARGE, () => engine.fillSync(data, uniform(), name))
add('simdinit truncated normal', LARGE, () =>
  engine.fillSync(data, truncatedNormal({ low: -2, high: 2 }), name),
)
add('simdinit normal bf16', LARGE, () => engine.fillSync(halves, normal(std), { ...name, dtype: 'bf16' }))
add('simdinit normal, 1 Mi', Mi, () => engine.fillSync(small, normal(std), name))

// JavaScript
const tf = require('@tensorflow/tfjs')
require('@tensorflow/tfjs-backend-wasm')
versions['@tensorflow/tfjs'] = versionOf('@tensorflow/tfjs')
for (const backend of ['cpu', 'wasm']) {
  if (!(await tf.setBackend(backend).catch(() => false))) continue
  const dispose = (make) => async () => {
    await tf.setBackend(backend)
    const start = performance.now()
    const tensor = make()
    tensor.dataSync()
    const took = performance.now() - start
    tensor.dispose()
    return took
  }
  add(
    `tfjs randomNormal (${backend})`,
    Mi,
    dispose(() => tf.randomNormal([1024, 1024], 0, 0.02)),
  )
  if (backend === 'cpu') {
    add(
      'tfjs heNormal (cpu)',
      Mi,
      dispose(() => tf.initializers.heNormal({}).apply([1024, 1024])),
    )
    add(
      'tfjs truncatedNormal (cpu)',
      Mi,
      dispose(() => tf.truncatedNormal([1024, 1024], 0, 0.02)),
    )
  }
}
const { default: randomArrayNormal } = await import('@stdlib/random-array-normal')
versions['@stdlib/random-array-normal'] = versionOf('@stdlib/random-array-normal')
const own = new Float32Array(Mi)
add('stdlib random-array-normal', Mi, () => randomArrayNormal.assign(0, 0.02, own))
const { randomNormal } = await import('d3-random')
versions['d3-random'] = versionOf('d3-random')
const d3 = randomNormal(0, 0.02)
const each = (next) => () => {
  for (let i = 0; i < Mi; i++) own[i] = next()
}
add('d3-random randomNormal', Mi, each(d3))
const { xoroshiro128plus } = await import('pure-rand/generator/xoroshiro128plus')
const { uniformFloat32 } = await import('pure-rand/distribution/uniformFloat32')
versions['pure-rand'] = versionOf('pure-rand')
const pure = xoroshiro128plus(1)
add(
  'pure-rand uniformFloat32',
  Mi,
  each(() => uniformFloat32(pure)),
)
add(
  'Math.random Box–Muller',
  Mi,
  each(() => {
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()))
    return 0.02 * radius * Math.cos(2 * Math.PI * Math.random())
  }),
)
try {
  const { InferenceSession } = require('onnxruntime-node')
  const { randomNormalModel } = await import('./onnx-model.mjs')
  const session = await InferenceSession.create(randomNormalModel(Mi), { intraOpNumThreads: 1 })
  versions['onnxruntime-node'] = versionOf('onnxruntime-node')
  add('onnxruntime RandomNormal', Mi, () => session.run({}))
} catch (error) {
  process.stderr.write(`onnxruntime-node is left out: ${error.message}\n`)
}

// Python
const python = await startPython()
if (python) {
  Object.assign(versions, python.versions)
  for (const label of python.cases.filter((name) => name !== 'torch orthogonal_')) {
    const count = label.includes('trunc') ? LARGE / 4 : LARGE
    add(label, count, () => python.ask([label, count, 1]))
    if (label === 'torch normal_' && threads > 1)
      add(`${label}, ${threads} threads`, count, () => python.ask([label, count, threads]))
  }
} else process.stderr.write('no python3 with torch or numpy here: PyTorch and NumPy are left out\n')

const times = await interleaved(cases, Number(flags.rounds))
python?.end()
const perElement = new Map(
  [...times].map(([label, list]) => [label, list.map((ms) => (ms * 1e6) / elements.get(label))]),
)
const rate = (label) => 1000 / median(perElement.get(label))
const spread = (label) => {
  const list = perElement.get(label)
  return `${(1000 / Math.max(...list)).toFixed(0)}–${(1000 / Math.min(...list)).toFixed(0)}`
}
const compared = [
  ['torch normal_', 'simdinit normal'],
  ['torch normal_', `simdinit normal, ${threads} threads`],
  ['torch trunc_normal_', 'simdinit truncated normal'],
  ['torch normal_ bf16', 'simdinit normal bf16'],
  ['torch uniform_', 'simdinit uniform'],
  ['numpy standard_normal f32 (SFC64)', 'simdinit normal'],
  ['tfjs randomNormal (cpu)', 'simdinit normal, 1 Mi'],
  ['tfjs heNormal (cpu)', 'simdinit normal, 1 Mi'],
  ['stdlib random-array-normal', 'simdinit normal, 1 Mi'],
  ['d3-random randomNormal', 'simdinit normal, 1 Mi'],
  ['onnxruntime RandomNormal', 'simdinit normal, 1 Mi'],
  ['Math.random Box–Muller', 'simdinit normal, 1 Mi'],
].filter((pair) => pair.every((label) => perElement.has(label)))
const labels = [...cases.keys()].filter((label) => label !== ALONE && label !== TOGETHER)
const gain = several && ratio(perElement, ALONE, TOGETHER)
const report = [
  `${machine}. ${Object.entries(versions)
    .map(([peer, version]) => `${peer} ${version}`)
    .join(', ')}.`,
  `Medians of ${flags.rounds} interleaved rounds; f32, memory touched before, one thread unless said; 64 Mi elements, 16 Mi for torch's trunc_normal_, 1 Mi for the JavaScript peers.`,
  markdown([
    ['', 'M el/s', 'least–most'],
    ...labels.map((label) => [label, rate(label).toFixed(0), spread(label)]),
  ]),
  markdown([
    ['time ÷ time', 'median', 'least', 'most'],
    ...compared.map(([peer, ours]) => {
      const { median, least, most } = ratio(perElement, peer, ours)
      return [`${peer} ÷ ${ours}`, ...[median, least, most].map((x) => x.toFixed(1))]
    }),
  ]),
  ...(gain
    ? [
        `Engines of one thread on each of the ${threads} cores, filling memory that stays in their caches, are ${gain.median.toFixed(2)} times as fast as one (${gain.least.toFixed(2)}–${gain.most.toFixed(2)}): threads cannot gain more here.`,
      ]
    : []),
].join('\n\n')
console.log(report)
mkdirSync('build', { recursive: true })
writeFileSync(
  'build/peers.json',
  `${JSON.stringify({ machine, versions, nanosecondsPerElement: Object.fromEntries(perElement) }, null, 2)}\n`,
)
if (flags.docs) {
  const rates = labels.map((label) => ({
    label,
    value: rate(label),
    ours: label.startsWith('simdinit'),
  }))
  writeFileSync('docs/benchmarks/baselines.svg', bars('Million elements a second', machine, rates))
  writeFileSync(
    'docs/benchmarks/baselines.md',
    `# The peers\n\nMade by \`npm run bench:baselines -- --docs\`. Ratios are what to quote, since machines differ.\n\n![Million elements a second](baselines.svg)\n\n${report}\n`,
  )
}
await several?.close()
process.exit(0) // onnxruntime keeps threads of its own
