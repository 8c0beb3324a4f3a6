/**
 * Standard deviations and gains by which transformers are initialised, by their names in the papers and the training
 * code. Each gives a plain strategy, or a number for the `gain` of one; nothing of the model is read. Recipes for
 * whole models are in `models/`.
 */

import { checkInteger, checkNumber, checkObject, checkOneOf, throwConflict } from '../errors/validate.ts'
import { log } from '../numeric/math.ts'
import { normal, type NormalStrategy } from './elementary.ts'

/**
 * N(0, 2 / (5 width)), `width` that of the residual stream. Source: Nguyen and Salazar, "Transformers without Tears",
 * 2019; `small_init` of GPT-NeoX.
 */
export function smallInitNormal(options: { width: number }): NormalStrategy {
  const { width } = checkObject('smallInitNormal', options, ['width'])
  return normal({ std: Math.sqrt(2 / (5 * checkInteger('width', width, 1))) })
}

/**
 * N(0, (2 / (layers sqrt(width)))^2), for projections into the residual stream. Source: `wang_init` of GPT-NeoX, after
 * Wang and Komatsuzaki, "GPT-J-6B", 2021.
 */
export function wangNormal(options: { width: number; layers: number }): NormalStrategy {
  const { width, layers } = checkObject('wangNormal', options, ['width', 'layers'])
  return normal({ std: 2 / checkInteger('layers', layers, 1) / Math.sqrt(checkInteger('width', width, 1)) })
}

/**
 * N(0, (std / sqrt(2 (layer + 1)))^2), `layer` from 0: the deeper, the smaller. Source: Zhang et al., "Improving Deep
 * Transformer with Depth-Scaled Initialization", 2019, as torchtitan writes it.
 */
export function depthScaledNormal(options: { std?: number; layer: number }): NormalStrategy {
  const { std = 0.02, layer } = checkObject('depthNormal', options, ['std', 'layer'])
  return normal({ std: checkNumber('std', std, 0) / Math.sqrt(2 * (checkInteger('layer', layer) + 1)) })
}

/**
 * N(0, (std / sqrt(width / baseWidth))^2): the standard deviation found at one width, at another. For matrices of
 * which both sides grow. Source: Yang et al., "Tensor Programs V" (maximal update parametrisation), 2022.
 */
export function mupNormal(options: { std?: number; width: number; baseWidth: number }): NormalStrategy {
  const { std = 0.02, width, baseWidth } = checkObject('muNormal', options, ['std', 'width', 'baseWidth'])
  const multiplier = checkInteger('width', width, 1) / checkInteger('baseWidth', baseWidth, 1)
  return normal({ std: checkNumber('std', std, 0) / Math.sqrt(multiplier) })
}

export type Stack = 'encoder' | 'decoder'
const STACKS: readonly Stack[] = ['encoder', 'decoder']

export interface DepthOptions {
  /** Layers of a model that is an encoder or a decoder alone. */
  layers?: number
  /** Or those of both halves, and the half that the matrix is in. */
  encoderLayers?: number
  decoderLayers?: number
  stack?: Stack
}

/** Either `{ layers }`, or the other three. */
function parseDepths(
  title: string,
  options: DepthOptions,
): { layers: number } | { le: number; ld: number; stack: Stack } {
  const o = checkObject(title, options, ['layers', 'encoderLayers', 'decoderLayers', 'stack'])
  const { layers, encoderLayers, decoderLayers, stack } = o
  if (encoderLayers === undefined && decoderLayers === undefined && stack === undefined) {
    return { layers: checkInteger('layers', layers, 1) }
  }
  if (layers !== undefined) throwConflict('layers', 'encoderLayers', 'decoderLayers', 'stack')
  return {
    le: checkInteger('encoderLayers', encoderLayers, 1),
    ld: checkInteger('decoderLayers', decoderLayers, 1),
    stack: checkOneOf('stack', stack, STACKS),
  }
}

/**
 * The gain of the feed-forward, value and output projections under DeepNorm, whose residual branches are scaled up by
 * the model. Source: Wang et al., "DeepNet", 2022, table 1, with the exponents of torchscale.
 */
export function deepNormGain(options: DepthOptions): number {
  const depth = parseDepths('deepNormGain', options)
  if ('layers' in depth) return 1 / fourthRoot(8 * depth.layers)
  const { le, ld, stack } = depth
  return stack === 'decoder' ? 1 / fourthRoot(12 * ld) : 1.15 / fourthRoot(fourthRoot(le * le * le * le * ld))
}

/** The gain of the same projections under Sub-LN. Source: Wang et al., "Foundation Transformers" (Magneto), 2022. */
export function subLayerNormGain(options: DepthOptions): number {
  const depth = parseDepths('subLayerNormGain', options)
  if ('layers' in depth) return Math.sqrt(log(2 * depth.layers))
  const { le, ld, stack } = depth
  return Math.sqrt(stack === 'decoder' ? log(3 * ld) : (log(3 * ld) * log(2 * le)) / 3)
}

/**
 * What T-Fixup multiplies the Xavier weights by, so that neither warm-up nor normalisation is needed: feed-forward and
 * output projections; the value projections by sqrt(2) more. Source: Huang et al., ICML 2020, section 3.3.
 */
export function tFixupGain(options: { layers: number; stack: Stack }): number {
  const { layers, stack } = checkObject('tFixupGain', options, ['layers', 'stack'])
  const depth = checkInteger('layers', layers, 1)
  return checkOneOf('stack', stack, STACKS) === 'decoder'
    ? 1 / fourthRoot(9 * depth)
    : 0.67 / fourthRoot(depth)
}

/** By square roots, which are the same everywhere. */
function fourthRoot(x: number): number {
  return Math.sqrt(Math.sqrt(x))
}
