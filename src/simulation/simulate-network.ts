/**
 * How activations and gradients travel through a deep network as a strategy leaves it: a stack of square layers
 * without biases, h = activation(W h), fed with standard normals, and a gradient of standard normals sent back.
 * What dies, explodes or holds shows in a second, before any training (Glorot and Bengio, 2010; He et al., 2015).
 */

import { ACTIVATION_NAMES, ACTIVATIONS, type ActivationName } from './activations.ts'
import { createEngine } from '../engine/create-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { yieldToHost } from '../engine/platform.ts'
import { checkInteger, checkObject, checkOneOf } from '../errors/validate.ts'
import { parseStrategy, type Strategy } from '../strategies/strategy.ts'
import { normal } from '../strategies/elementary.ts'
import type { Seed } from '../rng/stream.ts'

export interface SimulationOptions {
  /** Layers. Default 20, at most 1000. */
  depth?: number
  /** Inputs and outputs of each layer. Default 256, at most 4096. */
  width?: number
  /** Default 'relu'. */
  activation?: ActivationName
  /** Inputs that are sent through. Default 256, at most 4096. */
  samples?: number
  /** Default 0. Layer k has the weights of the tensor named `layer.k`. */
  seed?: Seed
  /** What makes the weights and products. Default: an engine of its own. The figures are the same from any. */
  engine?: Engine
  signal?: AbortSignal
}

/** Over all units and samples. Not finite where f32 has overflowed. */
export interface Moments {
  readonly mean: number
  readonly variance: number
}

export interface LayerStats {
  /** W h, before the activation. */
  readonly preActivation: Moments
  readonly activation: Moments
  /** The gradient with respect to the layer's activations; that of the last layer has variance 1. */
  readonly gradient: Moments
}

const FIELDS = ['depth', 'width', 'activation', 'samples', 'seed', 'engine', 'signal']

/** The spreads of each layer, the first first. The strategy is that of [width, width] weights in layout 'oi'. */
export async function simulateNetwork(
  strategy: Strategy,
  options: SimulationOptions = {},
): Promise<LayerStats[]> {
  const o = checkObject('options', options, FIELDS) as SimulationOptions
  parseStrategy(strategy)
  const depth = checkInteger('depth', o.depth ?? 20, 1, 1000)
  const width = checkInteger('width', o.width ?? 256, 1, 4096)
  const samples = checkInteger('samples', o.samples ?? 256, 1, 4096)
  const { value, derivative } =
    ACTIVATIONS[checkOneOf('activation', o.activation ?? 'relu', ACTIVATION_NAMES)]
  const { seed = 0, signal } = o
  const engine = o.engine ?? (await createEngine({ threads: 1 }))

  const shape = [width, width]
  const size = { rows: width, inner: width, columns: samples }
  const weights = async (layer: number) => {
    signal?.throwIfAborted()
    await yieldToHost()
    return (await engine.tensor(shape, strategy, { seed, name: `layer.${layer}` })).data
  }
  const normals = async (name: string) =>
    (await engine.tensor([width, samples], normal(), { seed, name })).data
  try {
    const forward: Omit<LayerStats, 'gradient'>[] = []
    const derivatives: Float32Array[] = []
    let h = await normals('input')
    for (let layer = 0; layer < depth; layer++) {
      const z = engine.matmul(await weights(layer), h, size)
      h = z.map(value)
      derivatives.push(z.map((x, i) => derivative(x, h[i])))
      forward.push({ preActivation: computeMoments(z), activation: computeMoments(h) })
    }
    const gradients: Moments[] = []
    let gradient = await normals('gradient')
    for (let layer = depth - 1; layer >= 0; layer--) {
      gradients.unshift(computeMoments(gradient))
      const before = gradient.map((g, i) => g * derivatives[layer][i])
      if (layer > 0) gradient = engine.matmul(await weights(layer), before, { ...size, transposed: true })
    }
    return forward.map((layer, k) => ({ ...layer, gradient: gradients[k] }))
  } finally {
    if (!o.engine) await engine.close()
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
