/**
 * One network, trained by TensorFlow.js from each of several initialisations, step by step in turn. All points are in
 * every step, and nothing is drawn but the initial weights: what differs between the runs is those alone.
 *
 * The loss is the mean cross-entropy of the logit, unclipped, so that a run that diverges is seen to. ln 2, 0.693, is
 * that of a network that says "one half" to everything.
 */

import * as tf from '@tensorflow/tfjs'
import { register } from 'simdinit/tfjs'
import { pointsOf, type Points } from './data.ts'
import { GRID, POINTS, REACH, STARTS, WIDTH, type Options, type Start } from './settings.ts'

const MOMENTUM = 0.9

/** What is to be seen after a step. */
export interface Report {
  readonly step: number
  /** Of each run in the order of STARTS, before the step; NaN or infinite if it has diverged. */
  readonly losses: readonly number[]
  /** Now and then, of each run, the probability of class 1 on GRID x GRID places of the plane, from the top left. */
  readonly maps?: readonly Float32Array[]
}

/** Steps between two maps. */
const MAP_EVERY = 10

/** Trains until all steps are done or the signal says stop; `report` is awaited after every step. */
export async function train(
  options: Options,
  report: (report: Report) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await tf.setBackend('cpu') // every machine has it, and layers as small as these ask for no GPU
  const init = await register(tf)
  const runs = STARTS.map((start) => networkOf(options, start, init))
  const points = pointsOf(options.dataset, POINTS, options.seed)
  const [inputs, targets, grid] = tensorsOf(points)
  try {
    for (let step = 0; step <= options.steps; step++) {
      const losses: number[] = []
      for (const network of runs) losses.push(Number(await network.trainOnBatch(inputs, targets)))
      const maps = step % MAP_EVERY === 0 ? runs.map((network) => mapOf(network, grid)) : undefined
      if (signal.aborted) return
      await report({ step, losses, ...(maps && { maps }) })
    }
  } finally {
    tf.dispose([inputs, targets, grid])
    for (const network of runs) network.dispose()
  }
}

type Initialisers = Awaited<ReturnType<typeof register>>

/** The initialisers by which runs start; Xavier and He with all of the variance that they name. */
function initialiserOf(start: Start, init: Initialisers, at: { seed: number; name: string }) {
  switch (start) {
    case 'zeros':
      return init.zeros()
    case 'small':
      return init.randomNormal({ stddev: 0.01, ...at })
    case 'large':
      return init.randomNormal({ stddev: 1, ...at })
    case 'xavier':
      return init.glorotTruncatedNormal(at)
    case 'he':
      return init.heTruncatedNormal(at)
  }
}

/** A network whose biases are 0. */
function networkOf(
  { activation, layers, rate, seed }: Options,
  start: Start,
  init: Initialisers,
): tf.Sequential {
  const network = tf.sequential()
  for (let layer = 0; layer <= layers; layer++) {
    const hidden = layer < layers
    network.add(
      tf.layers.dense({
        units: hidden ? WIDTH : 1,
        activation: hidden ? activation : 'linear',
        kernelInitializer: initialiserOf(start, init, { seed, name: `dense${layer + 1}.kernel` }),
        ...(layer === 0 && { inputShape: [2] }),
      }),
    )
  }
  network.compile({
    optimizer: tf.train.momentum(rate, MOMENTUM),
    loss: (truth, logits) => tf.losses.sigmoidCrossEntropy(truth, logits),
  })
  return network
}

function tensorsOf({ places, classes }: Points): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const grid = Array.from({ length: GRID * GRID }, (_, i) => [
    alongGrid(i % GRID),
    -alongGrid(Math.floor(i / GRID)),
  ])
  return [
    tf.tensor2d(places.map((place) => [...place])),
    tf.tensor2d(classes.map((kind) => [kind])),
    tf.tensor2d(grid),
  ]
}

function alongGrid(i: number): number {
  return ((2 * i + 1) / GRID - 1) * REACH
}

function mapOf(network: tf.Sequential, grid: tf.Tensor): Float32Array {
  return tf.tidy(() => tf.sigmoid(network.predict(grid) as tf.Tensor).dataSync() as Float32Array)
}
