/**
 * What is measured: normal values in f32, as many of each. This library by its three ways, into memory that is there
 * already; TensorFlow.js, whose `randomNormal` is JavaScript on every backend and copies least on that of the CPU; and
 * the lines that everybody writes.
 */

import * as tf from '@tensorflow/tfjs'
import { createEngine, normal, type Engine } from 'simdinit'

export const CASES = ['threads', 'wasm', 'js', 'tfjs', 'boxMuller'] as const
export type Case = (typeof CASES)[number]

const std = 0.02

export type Runs = Partial<Record<Case, () => unknown>>

const worker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })

const fill = (engine: Engine, target: Float32Array) => () =>
  engine.fill(target, normal({ std }), { seed: 1, name: 'speed' })

/** The cases that this place can run, and what its engine says of itself. `close` ends the engines. */
export async function casesOf(elements: number): Promise<{ runs: Runs; engine: Engine; close: () => void }> {
  const memory = 2 ** 26 + 4 * elements
  const engine = await createEngine({ worker, memory })
  const alone = await createEngine({ threads: 1, memory })
  const plain = await createEngine({ backend: 'js' })
  const own = new Float32Array(elements)
  await tf.setBackend('cpu')
  const runs: Runs = {
    ...(engine.info.threads > 1 && { threads: fill(engine, engine.lend(elements).data) }),
    ...(alone.info.backend === 'wasm' && { wasm: fill(alone, alone.lend(elements).data) }),
    js: fill(plain, own),
    tfjs: () => {
      const tensor = tf.randomNormal([elements], 0, std)
      tensor.dataSync()
      tensor.dispose()
    },
    boxMuller: () => {
      for (let i = 0; i < elements; i++) {
        const radius = Math.sqrt(-2 * Math.log(1 - Math.random()))
        own[i] = std * radius * Math.cos(2 * Math.PI * Math.random())
      }
    },
  }
  const close = () => {
    for (const one of [engine, alone, plain]) void one.close()
  }
  return { runs, engine, close }
}
