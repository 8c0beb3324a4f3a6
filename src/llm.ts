/**
 * Standard deviations and gains by which transformers are initialised, by their names in the papers and the training
 * code. Each gives a plain strategy, or a number for the `gain` of one; nothing of the model is read. Recipes for
 * whole models are in `models/`.
 */

import { anInteger, aNumber, anObject, oneOf, wrongValue } from './errors.ts'
import { log } from './math.ts'
import { normal, type Strategy } from './strategies.ts'

/**
 * N(0, 2 / (5 width)), `width` that of the residual stream. Source: Nguyen and Salazar, "Transformers without Tears",
 * 2019; `small_init` of GPT-NeoX.
 */
export function smallInitNormal(options: { width: number }): Strategy {
  const { width } = anObject('smallInitNormal', options, ['width'])
  return normal({ std: Math.sqrt(2 / (5 * anInteger('width', width, 1))) })
}

/**
 * N(0, (2 / (layers sqrt(width)))^2), for projections into the residual stream. Source: `wang_init` of GPT-NeoX, after
 * Wang and Komatsuzaki, "GPT-J-6B", 2021.
 */
export function wangNormal(options: { width: number; layers: number }): Strategy {
  const { width, layers } = anObject('wangNormal', options, ['width', 'layers'])
  return normal({ std: 2 / anInteger('layers', layers, 1) / Math.sqrt(anInteger('width', width, 1)) })
}

/**
 * N(0, (std / sqrt(2 (layer + 1)))^2), `layer` from 0: the deeper, the smaller. Source: Zhang et al., "Improving Deep
 * Transformer with Depth-Scaled Initialization", 2019, as torchtitan writes it.
 */
export function depthNormal(options: { std?: number; layer: number }): Strategy {
  const { std = 0.02, layer } = anObject('depthNormal', options, ['std', 'layer'])
  return normal({ std: aNumber('std', std, 0) / Math.sqrt(2 * (anInteger('layer', layer) + 1)) })
}

/**
 * N(0, (std / sqrt(width / baseWidth))^2): the standard deviation found at one width, at another. For matrices of
 * which both sides grow. Source: Yang et al., "Tensor Programs V" (maximal update parametrisation), 2022.
 */
export function muNormal(options: { std?: number; width: number; baseWidth: number }): Strategy {
  const { std = 0.02, width, baseWidth } = anObject('muNormal', options, ['std', 'width', 'baseWidth'])
  const multiplier = anInteger('width', width, 1) / anInteger('baseWidth', baseWidth, 1)
  return normal({ std: aNumber('std', std, 0) / Math.sqrt(multiplier) })
}

export type Part = 'encoder' | 'decoder'
const PARTS: readonly Part[] = ['encoder', 'decoder']

interface Depths {
  /** Layers of a model that is an encoder or a decoder alone. */
  layers?: number
  /** Or those of both halves, and the half that the matrix is in. */
  encoderLayers?: number
  decoderLayers?: number
  part?: Part
}

/** Either `{ layers }`, or the other three. */
function depths(title: string, options: Depths): { layers: number } | { le: number; ld: number; part: Part } {
  const o = anObject(title, options, ['layers', 'encoderLayers', 'decoderLayers', 'part'])
  const { layers, encoderLayers, decoderLayers, part } = o
  if (encoderLayers === undefined && decoderLayers === undefined && part === undefined) {
    return { layers: anInteger('layers', layers, 1) }
  }
  if (layers !== undefined) wrongValue('layers', 'to be left out where both halves are said', layers)
  return {
    le: anInteger('encoderLayers', encoderLayers, 1),
    ld: anInteger('decoderLayers', decoderLayers, 1),
    part: oneOf('part', part, PARTS),
  }
}

/**
 * The gain of the feed-forward, value and output projections under DeepNorm, whose residual branches are scaled up by
 * the model. Source: Wang et al., "DeepNet", 2022, table 1, with the exponents of torchscale.
 */
export function deepNormGain(options: Depths): number {
  const depth = depths('deepNormGain', options)
  if ('layers' in depth) return 1 / fourthRoot(8 * depth.layers)
  const { le, ld, part } = depth
  return part === 'decoder' ? 1 / fourthRoot(12 * ld) : 1.15 / fourthRoot(fourthRoot(le * le * le * le * ld))
}

/** The gain of the same projections under Sub-LN. Source: Wang et al., "Foundation Transformers" (Magneto), 2022. */
export function subLayerNormGain(options: Depths): number {
  const depth = depths('subLayerNormGain', options)
  if ('layers' in depth) return Math.sqrt(log(2 * depth.layers))
  const { le, ld, part } = depth
  return Math.sqrt(part === 'decoder' ? log(3 * ld) : (log(3 * ld) * log(2 * le)) / 3)
}

/**
 * What T-Fixup multiplies the Xavier weights by, so that neither warm-up nor normalisation is needed: feed-forward and
 * output projections; the value projections by sqrt(2) more. Source: Huang et al., ICML 2020, section 3.3.
 */
export function tFixupGain(options: { layers: number; part: Part }): number {
  const { layers, part } = anObject('tFixupGain', options, ['layers', 'part'])
  const depth = anInteger('layers', layers, 1)
  return oneOf('part', part, PARTS) === 'decoder' ? 1 / fourthRoot(9 * depth) : 0.67 / fourthRoot(depth)
}

/** By square roots, which are the same everywhere. */
function fourthRoot(x: number): number {
  return Math.sqrt(Math.sqrt(x))
}
