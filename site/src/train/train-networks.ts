/**
 * Trains one network from several initializations with TensorFlow.js, in turn step by step. Every step uses all points
 * and only the initial weights are random, so that the networks differ in nothing else.
 *
 * The loss is the mean cross-entropy of the logit, unclipped, so that divergence is visible. A network that always predicts
 * 1/2 has ln 2 = 0.693.
 */

import * as tf from '@tensorflow/tfjs'
import { registerInitializers } from 'simdinit/tfjs'
import { generatePoints, type Points } from './datasets.ts'
import {
  GRID_SIZE,
  POINT_COUNT,
  PLANE_EXTENT,
  INITIALIZATIONS,
  HIDDEN_UNITS,
  type TrainingOptions,
  type Initialization,
} from './settings.ts'

const MOMENTUM = 0.9

/** The result of a step. */
export interface StepReport {
  readonly step: number
  /** The loss of each run before the step, in the order of INITIALIZATIONS; NaN or infinite if it has diverged. */
  readonly losses: readonly number[]
  /** The probability of class 1 for each run on a grid of GRID_SIZE x GRID_SIZE points, from the top left; not in every step. */
  readonly maps?: readonly Float32Array[]
}

/** Steps between two maps. */
const MAP_INTERVAL_STEPS = 10

/** Trains until all steps are done or the signal aborts. Awaits `report` after every step. */
export async function train(
  options: TrainingOptions,
  report: (report: StepReport) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await tf.setBackend('cpu') // available everywhere, and fast enough for layers of this size
  const init = await registerInitializers(tf)
  const networks = INITIALIZATIONS.map((start) => createNetwork(options, start, init))
  const points = generatePoints(options.dataset, POINT_COUNT, options.seed)
  const [inputs, targets, grid] = createTensors(points)
  try {
    for (let step = 0; step <= options.steps; step++) {
      const losses: number[] = []
      for (const network of networks) losses.push(Number(await network.trainOnBatch(inputs, targets)))
      const maps =
        step % MAP_INTERVAL_STEPS === 0 ? networks.map((network) => predictMap(network, grid)) : undefined
      if (signal.aborted) return
      await report({ step, losses, ...(maps && { maps }) })
    }
  } finally {
    tf.dispose([inputs, targets, grid])
    for (const network of networks) network.dispose()
  }
}

type Initializers = Awaited<ReturnType<typeof registerInitializers>>

/** The initializer of a run. Xavier and He are truncated and keep their full variance. */
function createInitializer(
  start: Initialization,
  init: Initializers,
  options: { seed: number; name: string },
) {
  switch (start) {
    case 'zeros':
      return init.zeros()
    case 'small':
      return init.randomNormal({ stddev: 0.01, ...options })
    case 'large':
      return init.randomNormal({ stddev: 1, ...options })
    case 'xavier':
      return init.glorotTruncatedNormal(options)
    case 'he':
      return init.heTruncatedNormal(options)
  }
}

/** A network with biases of 0. */
function createNetwork(
  { activation, layers, learningRate, seed }: TrainingOptions,
  start: Initialization,
  init: Initializers,
): tf.Sequential {
  const network = tf.sequential()
  for (let layer = 0; layer <= layers; layer++) {
    const isHidden = layer < layers
    network.add(
      tf.layers.dense({
        units: isHidden ? HIDDEN_UNITS : 1,
        activation: isHidden ? activation : 'linear',
        kernelInitializer: createInitializer(start, init, { seed, name: `dense${layer + 1}.kernel` }),
        ...(layer === 0 && { inputShape: [2] }),
      }),
    )
  }
  network.compile({
    optimizer: tf.train.momentum(learningRate, MOMENTUM),
    loss: (truth, logits) => tf.losses.sigmoidCrossEntropy(truth, logits),
  })
  return network
}

function createTensors({ coordinates, labels }: Points): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const grid = Array.from({ length: GRID_SIZE * GRID_SIZE }, (_, i) => [
    computeGridCoordinate(i % GRID_SIZE),
    -computeGridCoordinate(Math.floor(i / GRID_SIZE)),
  ])
  return [
    tf.tensor2d(coordinates.map((place) => [...place])),
    tf.tensor2d(labels.map((kind) => [kind])),
    tf.tensor2d(grid),
  ]
}

function computeGridCoordinate(i: number): number {
  return ((2 * i + 1) / GRID_SIZE - 1) * PLANE_EXTENT
}

function predictMap(network: tf.Sequential, grid: tf.Tensor): Float32Array {
  return tf.tidy(() => tf.sigmoid(network.predict(grid) as tf.Tensor).dataSync() as Float32Array)
}
