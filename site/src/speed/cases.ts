/**
 * The cases of the measurement, which generate the same number of normal values in f32: this library with threads, on one
 * thread and in JavaScript, all into existing memory; TensorFlow.js, whose `randomNormal` is JavaScript on every backend
 * and copies least on the CPU backend; and the usual snippet.
 */

import * as tf from '@tensorflow/tfjs'
import { createEngine, normal, type Engine } from 'simdinit'

export const CASES = ['threads', 'wasm', 'js', 'tfjs', 'boxMuller'] as const
export type Case = (typeof CASES)[number]

const std = 0.02

export type CaseRunners = Partial<Record<Case, () => unknown>>

const createWorker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })

const createFill = (engine: Engine, target: Float32Array) => () =>
  engine.fill(target, normal({ std }), { seed: 1, name: 'speed' })

/** The cases that this page can run, and the engine with threads. `close` closes all engines. */
export async function createCases(
  elements: number,
): Promise<{ runs: CaseRunners; engine: Engine; close: () => void }> {
  const memory = 2 ** 26 + 4 * elements
  const engine = await createEngine({ worker: createWorker, memory })
  const singleThreaded = await createEngine({ threads: 1, memory })
  const javascript = await createEngine({ backend: 'js' })
  const target = new Float32Array(elements)
  await tf.setBackend('cpu')
  const runs: CaseRunners = {
    ...(engine.info.threads > 1 && { threads: createFill(engine, engine.lend(elements).data) }),
    ...(singleThreaded.info.backend === 'wasm' && {
      wasm: createFill(singleThreaded, singleThreaded.lend(elements).data),
    }),
    js: createFill(javascript, target),
    tfjs: () => {
      const tensor = tf.randomNormal([elements], 0, std)
      tensor.dataSync()
      tensor.dispose()
    },
    boxMuller: () => {
      for (let i = 0; i < elements; i++) {
        const radius = Math.sqrt(-2 * Math.log(1 - Math.random()))
        target[i] = std * radius * Math.cos(2 * Math.PI * Math.random())
      }
    },
  }
  const close = () => {
    for (const each of [engine, singleThreaded, javascript]) void each.close()
  }
  return { runs, engine, close }
}
