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

export type CaseRunners = Partial<Record<Case, () => unknown>>

const createWorker = () => new Worker(new URL('simdinit/worker', import.meta.url), { type: 'module' })

const createFill = (engine: Engine, target: Float32Array) => () =>
  engine.fill(target, normal({ std }), { seed: 1, name: 'speed' })

/** The cases that this place can run, and what its engine says of itself. `close` ends the engines. */
export async function createCases(
  elements: number,
): Promise<{ runs: CaseRunners; engine: Engine; close: () => void }> {
  const memory = 2 ** 26 + 4 * elements
  const engine = await createEngine({ worker: createWorker, memory })
  const alone = await createEngine({ threads: 1, memory })
  const plain = await createEngine({ backend: 'js' })
  const own = new Float32Array(elements)
  await tf.setBackend('cpu')
  const runs: CaseRunners = {
    ...(engine.info.threads > 1 && { threads: createFill(engine, engine.lend(elements).data) }),
    ...(alone.info.backend === 'wasm' && { wasm: createFill(alone, alone.lend(elements).data) }),
    js: createFill(plain, own),
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
