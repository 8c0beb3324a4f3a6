/**
 * `npm run bench:baselines`: simdinit compared with TensorFlow.js, stdlib, d3-random, pure-rand, onnxruntime-node, and
 * with PyTorch and NumPy if a python3 has them. Interleaved rounds, medians, ratios. The other libraries are packages of
 * this folder, so that the project does not depend on them. Writes build/bench/baselines.json.
 *
 *   npm run bench:baselines -- --rounds 7 --docs     --docs writes docs/benchmarks/baselines.md and baselines.svg
 */

import { writeFileSync } from 'node:fs'
import { createEngine, normal, truncatedNormal, uniform } from '../../dist/index.js'
import {
  computeRatio,
  createParallelCase,
  formatRatios,
  formatTable,
  machine,
  median,
  parseFlags,
  publishReport,
  timeInterleaved,
} from '../harness.mjs'
import { drawBars } from '../svg-chart.mjs'
import { require, startPython, versionOf } from './load.mjs'

const flags = parseFlags(7)
const Mi = 2 ** 20
const LARGE = 64 * Mi
const std = { std: 0.02 }
const name = { seed: 1, name: 'bench' }
// the limit of the machine for the ratio of threads
const ONE_CORE = 'one engine in cache'
const ALL_CORES = 'an engine in cache on each core'
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
const threadedEngine = threads > 1 ? await createEngine({ threads, memory: 5 * LARGE }) : undefined
const data = engine.lend(LARGE).data
const small = data.subarray(0, Mi)
const halves = new Uint16Array(data.buffer, data.byteOffset, LARGE)
add('simdinit normal', LARGE, () => engine.fillSync(data, normal(std), name))
if (threadedEngine) {
  const shared = threadedEngine.lend(LARGE).data
  add(ONE_CORE, LARGE, createParallelCase(1, LARGE))
  add(ALL_CORES, threads * LARGE, createParallelCase(threads, LARGE))
  add(`simdinit normal, ${threads} threads`, LARGE, () => threadedEngine.fill(shared, normal(std), name))
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
  const timeTensor = (create) => async () => {
    await tf.setBackend(backend)
    const start = performance.now()
    const tensor = create()
    tensor.dataSync()
    const elapsed = performance.now() - start
    tensor.dispose()
    return elapsed
  }
  add(
    `tfjs randomNormal (${backend})`,
    Mi,
    timeTensor(() => tf.randomNormal([1024, 1024], 0, 0.02)),
  )
  if (backend === 'cpu') {
    add(
      'tfjs heNormal (cpu)',
      Mi,
      timeTensor(() => tf.initializers.heNormal({}).apply([1024, 1024])),
    )
    add(
      'tfjs truncatedNormal (cpu)',
      Mi,
      timeTensor(() => tf.truncatedNormal([1024, 1024], 0, 0.02)),
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
  const { createRandomNormalModel } = await import('./onnx-model.mjs')
  const session = await InferenceSession.create(createRandomNormalModel(Mi), { intraOpNumThreads: 1 })
  versions['onnxruntime-node'] = versionOf('onnxruntime-node')
  add('onnxruntime RandomNormal', Mi, () => session.run({}))
} catch (error) {
  process.stderr.write(`onnxruntime-node is skipped: ${error.message}\n`)
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
} else process.stderr.write('no python3 with torch or numpy found: PyTorch and NumPy are skipped\n')

const times = await timeInterleaved(cases, flags.rounds)
python?.end()
const perElement = new Map(
  [...times].map(([label, list]) => [label, list.map((ms) => (ms * 1e6) / elements.get(label))]),
)
const rate = (label) => 1000 / median(perElement.get(label))
const range = (label) => {
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
]
const labels = [...cases.keys()].filter((label) => label !== ONE_CORE && label !== ALL_CORES)
const gain = threadedEngine && computeRatio(perElement, ONE_CORE, ALL_CORES)
const bars = labels.map((label) => ({
  label,
  value: rate(label),
  ours: label.startsWith('simdinit'),
}))
if (flags.docs) {
  writeFileSync('docs/benchmarks/baselines.svg', drawBars('Million elements per second', machine, bars))
}
publishReport({
  name: 'baselines',
  title: 'Compared with other libraries',
  command: 'bench:baselines',
  sections: [
    '![Million elements per second](baselines.svg)',
    `${machine}. ${Object.entries(versions)
      .map(([library, version]) => `${library} ${version}`)
      .join(', ')}.`,
    `Medians of ${flags.rounds} interleaved rounds; f32, memory already touched, one thread unless noted. A run is 64 Mi elements, 16 Mi for torch's trunc_normal_, 1 Mi for the JavaScript libraries.`,
    formatTable([
      ['', 'M el/s', 'min–max'],
      ...labels.map((label) => [label, rate(label).toFixed(0), range(label)]),
    ]),
    formatRatios(perElement, compared, 1),
    ...(gain
      ? [
          `The limit for threads here: independent engines of one thread on each of the ${threads} cores, with memory that stays in their caches, are ${gain.median.toFixed(2)} times as fast as one engine (${gain.min.toFixed(2)}–${gain.max.toFixed(2)}).`,
        ]
      : []),
  ],
  result: { machine, versions, nanosecondsPerElement: Object.fromEntries(perElement) },
  docs: flags.docs,
})
await threadedEngine?.close()
process.exit(0) // the threads of onnxruntime would keep the process alive
