/**
 * One network, trained by TensorFlow.js from each of several initialisations, step by step in turn. All points are in
 * every step, and nothing is drawn but the initial weights: what differs between the runs is those alone.
 *
 * The loss is the mean cross-entropy of the logit, unclipped, so that a run that diverges is seen to. ln 2, 0.693, is
 * that of a network that says "one half" to everything.
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

/** What is to be seen after a step. */
export interface StepReport {
  readonly step: number
  /** Of each run in the order of STARTS, before the step; NaN or infinite if it has diverged. */
  readonly losses: readonly number[]
  /** Now and then, of each run, the probability of class 1 on GRID x GRID places of the plane, from the top left. */
  readonly maps?: readonly Float32Array[]
}

/** Steps between two maps. */
const MAP_INTERVAL_STEPS = 10

/** Trains until all steps are done or the signal says stop; `report` is awaited after every step. */
export async function train(
  options: TrainingOptions,
  report: (report: StepReport) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await tf.setBackend('cpu') // every machine has it, and layers as small as these ask for no GPU
  const init = await registerInitializers(tf)
  const runs = INITIALIZATIONS.map((start) => createNetwork(options, start, init))
  const points = generatePoints(options.dataset, POINT_COUNT, options.seed)
  const [inputs, targets, grid] = createTensors(points)
  try {
    for (let step = 0; step <= options.steps; step++) {
      const losses: number[] = []
      for (const network of runs) losses.push(Number(await network.trainOnBatch(inputs, targets)))
      const maps =
        step % MAP_INTERVAL_STEPS === 0 ? runs.map((network) => predictMap(network, grid)) : undefined
      if (signal.aborted) return
      await report({ step, losses, ...(maps && { maps }) })
    }
  } finally {
    tf.dispose([inputs, targets, grid])
    for (const network of runs) network.dispose()
  }
}

type Initializers = Awaited<ReturnType<typeof registerInitializers>>

/** The initialisers by which runs start; Xavier and He with all of the variance that they name. */
function createInitializer(start: Initialization, init: Initializers, at: { seed: number; name: string }) {
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
function createNetwork(
  { activation, layers, learningRate, seed }: TrainingOptions,
  start: Initialization,
  init: Initializers,
): tf.Sequential {
  const network = tf.sequential()
  for (let layer = 0; layer <= layers; layer++) {
    const hidden = layer < layers
    network.add(
      tf.layers.dense({
        units: hidden ? HIDDEN_UNITS : 1,
        activation: hidden ? activation : 'linear',
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
