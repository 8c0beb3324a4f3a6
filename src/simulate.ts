/**
 * How activations and gradients travel through a deep network as a strategy leaves it: a stack of square layers
 * without biases, h = activation(W h), fed with standard normals, and a gradient of standard normals sent back.
 * What dies, explodes or holds shows in a second, before any training (Glorot and Bengio, 2010; He et al., 2015).
 */

import { ACTIVATION_NAMES, ACTIVATIONS, type ActivationName } from './activations.ts'
import { createEngine } from './engine/create.ts'
import type { Engine } from './engine/engine.ts'
import { breath } from './engine/host.ts'
import { anInteger, anObject, oneOf } from './errors.ts'
import { aStrategy, normal, type Strategy } from './strategies.ts'
import type { Seed } from './stream.ts'

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
export interface Spread {
  readonly mean: number
  readonly variance: number
}

export interface LayerSpread {
  /** W h, before the activation. */
  readonly preActivation: Spread
  readonly activation: Spread
  /** The gradient with respect to the layer's activations; that of the last layer has variance 1. */
  readonly gradient: Spread
}

const FIELDS = ['depth', 'width', 'activation', 'samples', 'seed', 'engine', 'signal']

/** The spreads of each layer, the first first. The strategy is that of [width, width] weights in layout 'oi'. */
export async function simulateForward(
  strategy: Strategy,
  options: SimulationOptions = {},
): Promise<LayerSpread[]> {
  const o = anObject('options', options, FIELDS) as SimulationOptions
  aStrategy(strategy)
  const depth = anInteger('depth', o.depth ?? 20, 1, 1000)
  const width = anInteger('width', o.width ?? 256, 1, 4096)
  const samples = anInteger('samples', o.samples ?? 256, 1, 4096)
  const { value, slope } = ACTIVATIONS[oneOf('activation', o.activation ?? 'relu', ACTIVATION_NAMES)]
  const { seed = 0, signal } = o
  const engine = o.engine ?? (await createEngine({ threads: 1 }))

  const shape = [width, width]
  const size = { rows: width, inner: width, columns: samples }
  const weights = async (layer: number) => {
    signal?.throwIfAborted()
    await breath()
    return (await engine.tensor(shape, strategy, { seed, name: `layer.${layer}` })).data
  }
  const normals = async (name: string) =>
    (await engine.tensor([width, samples], normal(), { seed, name })).data
  try {
    const forward: Omit<LayerSpread, 'gradient'>[] = []
    const slopes: Float32Array[] = []
    let h = await normals('input')
    for (let layer = 0; layer < depth; layer++) {
      const z = engine.product(await weights(layer), h, size)
      h = z.map(value)
      slopes.push(z.map((x, i) => slope(x, h[i])))
      forward.push({ preActivation: spread(z), activation: spread(h) })
    }
    const gradients: Spread[] = []
    let gradient = await normals('gradient')
    for (let layer = depth - 1; layer >= 0; layer--) {
      gradients.unshift(spread(gradient))
      const before = gradient.map((g, i) => g * slopes[layer][i])
      if (layer > 0) gradient = engine.product(await weights(layer), before, { ...size, transposed: true })
    }
    return forward.map((layer, k) => ({ ...layer, gradient: gradients[k] }))
  } finally {
    if (!o.engine) await engine.close()
  }
}

function spread(values: Float32Array): Spread {
  let sum = 0
  for (const x of values) sum += x
  const mean = sum / values.length
  let squares = 0
  for (const x of values) squares += (x - mean) ** 2
  return { mean, variance: squares / values.length }
}
