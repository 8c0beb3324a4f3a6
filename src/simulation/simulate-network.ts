/**
 * Simulates how activations and gradients propagate through a deep network with the weights of a strategy: a stack of
 * square layers without biases, h = activation(W h). The input and the gradient at the output are standard normal. Shows
 * in a second, before any training, whether signals vanish, explode or keep their scale (Glorot and Bengio, 2010; He et
 * al., 2015).
 */

import { createEngine } from '../engine/create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import type { AsyncOptions } from '../engine/tensor.ts'
import { yieldToHost } from '../engine/platform.ts'
import { checkInteger, checkObject, checkOneOf } from '../errors/validate.ts'
import type { Seed } from '../rng/stream.ts'
import { normal } from '../strategies/elementary.ts'
import { parseStrategy, type StrategyInput } from '../strategies/strategy.ts'
import { ACTIVATION_NAMES, ACTIVATIONS, type ActivationName } from './activations.ts'

/** Options of `simulateNetwork`. */
export interface SimulationOptions {
  /** Number of layers, from 1 to 1000; default 20. */
  depth?: number
  /** Inputs and outputs of each layer, from 1 to 4096; default 256. */
  width?: number
  /** The activation after each layer; default 'relu'. */
  activation?: ActivationName
  /** Number of inputs, from 1 to 4096; default 256. */
  samples?: number
  /** Default 0. The weights of layer k, from 0, are those of the tensor `layer.k`. */
  seed?: Seed
  /** The engine to use; by default a new one on this thread. The results are the same. */
  engine?: Engine
  /** Stops the simulation, which then rejects with the reason of the signal. */
  signal?: AsyncOptions['signal']
}

/** Mean and variance over all units and samples. Not finite if f32 overflows. */
export interface Moments {
  /** Arithmetic mean. */
  readonly mean: number
  /** Population variance. */
  readonly variance: number
}

/** Statistics of one layer. */
export interface LayerStats {
  /** W h, the input of the activation. */
  readonly preActivation: Moments
  /** The output of the activation. */
  readonly activation: Moments
  /** The gradient of the loss with respect to the output of the activation; standard normal in the last layer. */
  readonly gradient: Moments
}

const FIELDS = ['depth', 'width', 'activation', 'samples', 'seed', 'engine', 'signal']

/**
 * Simulates a deep network that is initialized with a strategy, forward and backward.
 *
 * @param strategy Gives the [width, width] weights of each layer, in layout 'oi': a strategy, its plain data or its name.
 * @param options The network, the seed and the engine.
 * @returns One record for each layer, the first layer first: plain objects.
 * @throws TypeError or RangeError (`ERR_INVALID_TYPE`, `ERR_INVALID_VALUE`) for wrong arguments.
 * @throws The reason of `signal`.
 * @example
 * import { simulateNetwork } from 'simdinit'
 *
 * const he = await simulateNetwork('heNormal', { depth: 30, activation: 'relu' })
 * console.log(he[29].activation.variance > 0.1) // true
 * const tooSmall = await simulateNetwork({ type: 'normal', std: 0.01 }, { depth: 30, activation: 'relu' })
 * console.log(tooSmall[29].activation.variance < 1e-20) // true
 */
export async function simulateNetwork(
  strategy: StrategyInput,
  options: SimulationOptions = {},
): Promise<LayerStats[]> {
  const weightStrategy = parseStrategy(strategy)
  const { depth, width, samples, activation, seed, signal, engine: givenEngine } = parseOptions(options)
  const { value, derivative } = ACTIVATIONS[activation]
  const engine = givenEngine ?? (await createEngine({ threads: 1 }))
  const size = { rows: width, inner: width, columns: samples }
  const createWeights = async (layer: number) => {
    signal?.throwIfAborted()
    await yieldToHost()
    return (await engine.tensor([width, width], weightStrategy, { seed, name: `layer.${layer}` })).data
  }
  const createNormals = async (name: string) =>
    (await engine.tensor([width, samples], normal(), { seed, name })).data
  try {
    const forward: Omit<LayerStats, 'gradient'>[] = []
    const derivatives: Float32Array[] = []
    let h = await createNormals('input')
    for (let layer = 0; layer < depth; layer++) {
      const z = engine.matmul(await createWeights(layer), h, size)
      h = z.map(value)
      derivatives.push(z.map((x, i) => derivative(x, h[i])))
      forward.push({ preActivation: computeMoments(z), activation: computeMoments(h) })
    }
    const gradients: Moments[] = []
    let gradient = await createNormals('gradient')
    for (let layer = depth - 1; layer >= 0; layer--) {
      gradients.unshift(computeMoments(gradient))
      if (layer === 0) break
      const preActivationGradient = gradient.map((g, i) => g * derivatives[layer][i])
      gradient = engine.matmul(await createWeights(layer), preActivationGradient, {
        ...size,
        transposed: true,
      })
    }
    return forward.map((layer, i) => ({ ...layer, gradient: gradients[i] }))
  } finally {
    if (!givenEngine) await engine.close()
  }
}

function parseOptions(options: SimulationOptions) {
  const o = checkObject('options', options, FIELDS) as SimulationOptions
  return {
    depth: checkInteger('depth', o.depth ?? 20, 1, 1000),
    width: checkInteger('width', o.width ?? 256, 1, 4096),
    samples: checkInteger('samples', o.samples ?? 256, 1, 4096),
    activation: checkOneOf('activation', o.activation ?? 'relu', ACTIVATION_NAMES),
    seed: o.seed ?? 0,
    engine: o.engine,
    signal: o.signal,
  }
}

function computeMoments(values: Float32Array): Moments {
  let sum = 0
  for (const x of values) sum += x
  const mean = sum / values.length
  let squares = 0
  for (const x of values) squares += (x - mean) ** 2
  return { mean, variance: squares / values.length }
}
