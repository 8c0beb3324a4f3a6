/**
 * The cases that bench/browsers.mjs runs in a page: 16 Mi normal values in f32 each. The page loads TensorFlow.js as a
 * script. TensorFlow.js generates values in JavaScript on every backend, and the CPU backend copies least.
 */

import { createEngine, normal } from 'simdinit'

const { tf } = globalThis
const N = 2 ** 24
const std = 0.02
const own = new Float32Array(N)
const engines = await Promise.all(
  [1, 2].map((threads) => createEngine({ threads, memory: 5 * N, backend: 'wasm' })),
)
const js = await createEngine({ backend: 'js' })
await tf.setBackend('cpu')

const fill = (engine, target) => engine.fill(target, normal({ std }), { seed: 1, name: 'bench' })
const CASES = {
  'tfjs randomNormal': () => {
    const tensor = tf.randomNormal([4096, 4096], 0, std)
    tensor.dataSync()
    tensor.dispose()
  },
  'Math.random Box–Muller': () => {
    for (let i = 0; i < N; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - Math.random()))
      own[i] = std * radius * Math.cos(2 * Math.PI * Math.random())
    }
  },
  'simdinit, js': () => fill(js, own),
}
for (const [i, engine] of engines.entries()) {
  const { data } = engine.lend(N)
  const name = `simdinit, ${i + 1} thread${i > 0 ? 's' : ''}`
  CASES[`${name}, lent memory`] = () => fill(engine, data)
  CASES[`${name}, own array`] = () => fill(engine, own)
}

/** The cases and the versions. */
globalThis.about = {
  cases: Object.keys(CASES),
  elements: N,
  tfjs: tf.version.tfjs,
  isolated: crossOriginIsolated,
}

/** The milliseconds of one run of a case. */
globalThis.run = async (name) => {
  const start = performance.now()
  await CASES[name]()
  return performance.now() - start
}

/** The engines, after a fill on all of their threads. */
globalThis.infos = () => engines.map(({ info }) => info)
