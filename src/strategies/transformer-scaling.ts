/**
 * Standard deviations and gains by which transformers are initialized, under their names in papers and training code.
 * Each function returns a plain strategy, or a number for the `gain` of one. None of them reads a model; recipes for
 * whole models are in `models/`.
 */

import { checkInteger, checkNumber, checkObject, checkOneOf, throwConflict } from '../errors/validate.ts'
import { log } from '../numeric/math.ts'
import { normal, type NormalStrategy } from './elementary.ts'

/** A normal distribution whose standard deviation shrinks with the depth of the model. */
export interface ResidualNormalStrategy {
  /** The name of the strategy. */
  readonly type: 'residualNormal'
  /** Standard deviation before the division by sqrt(2 layers), >= 0. */
  readonly std: number
  /** Number of layers, an integer >= 1. The plan of a model fills it in if it is unset. */
  readonly layers?: number
}

/**
 * For projections that end in a residual sum: N(0, (std / sqrt(2 layers))^2), so that the variance of the sum does not
 * grow with depth. Source: Radford et al., 2019 (GPT-2), section 2.3, as transformers implements it
 * (modeling_gpt2.py, `_init_weights`).
 *
 * @param options `std`: >= 0. `layers`: an integer >= 1; if it is unset, the plan of a model fills it in.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { effectiveStd, residualNormal, resolveDistribution } from 'simdinit'
 * const strategy = residualNormal({ std: 0.02, layers: 8 })
 * console.log(effectiveStd(resolveDistribution(strategy))) // 0.005
 */
export function residualNormal(options: { std: number; layers?: number }): ResidualNormalStrategy {
  const { std, layers } = checkObject('residualNormal', options, ['std', 'layers'])
  return {
    type: 'residualNormal',
    std: checkNumber('std', std, 0),
    ...(layers !== undefined && { layers: checkInteger('layers', layers, 1) }),
  }
}

/**
 * N(0, 2 / (5 width)), with `width` that of the residual stream. Source: Nguyen and Salazar, "Transformers without
 * Tears", 2019; `small_init` of GPT-NeoX.
 *
 * @param options `width`: an integer >= 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if `width` is out of its range.
 * @example
 * import { smallInitNormal } from 'simdinit'
 * console.log(smallInitNormal({ width: 40 }).std) // 0.1
 */
export function smallInitNormal(options: { width: number }): NormalStrategy {
  const { width } = checkObject('smallInitNormal', options, ['width'])
  return normal({ std: Math.sqrt(2 / (5 * checkInteger('width', width, 1))) })
}

/**
 * N(0, (2 / (layers sqrt(width)))^2), for projections into the residual stream. Source: `wang_init` of GPT-NeoX, after
 * Wang and Komatsuzaki, "GPT-J-6B", 2021.
 *
 * @param options `width`: that of the residual stream, an integer >= 1. `layers`: an integer >= 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { wangNormal } from 'simdinit'
 * console.log(wangNormal({ width: 64, layers: 8 }).std) // 0.03125
 */
export function wangNormal(options: { width: number; layers: number }): NormalStrategy {
  const { width, layers } = checkObject('wangNormal', options, ['width', 'layers'])
  return normal({ std: 2 / checkInteger('layers', layers, 1) / Math.sqrt(checkInteger('width', width, 1)) })
}

/**
 * N(0, (std / sqrt(2 (layer + 1)))^2): deeper layers get smaller weights. Source: Zhang et al., "Improving Deep
 * Transformer with Depth-Scaled Initialization", 2019, as torchtitan implements it.
 *
 * @param options `std`: >= 0, default 0.02. `layer`: the index of the layer, from 0.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { depthScaledNormal } from 'simdinit'
 * console.log(depthScaledNormal({ std: 0.02, layer: 7 }).std) // 0.005
 */
export function depthScaledNormal(options: { std?: number; layer: number }): NormalStrategy {
  const { std = 0.02, layer } = checkObject('depthScaledNormal', options, ['std', 'layer'])
  return normal({ std: checkNumber('std', std, 0) / Math.sqrt(2 * (checkInteger('layer', layer) + 1)) })
}

/**
 * N(0, (std / sqrt(width / baseWidth))^2): transfers a standard deviation found at one width to another, for matrices
 * both sides of which grow with the width. Source: Yang et al., "Tensor Programs V" (maximal update parametrization),
 * 2022.
 *
 * @param options `std`: the standard deviation at `baseWidth`, >= 0, default 0.02. `width`, `baseWidth`: integers >= 1.
 * @returns The strategy, as plain data.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { mupNormal } from 'simdinit'
 * console.log(mupNormal({ width: 1024, baseWidth: 256 }).std) // 0.01
 */
export function mupNormal(options: { std?: number; width: number; baseWidth: number }): NormalStrategy {
  const { std = 0.02, width, baseWidth } = checkObject('mupNormal', options, ['std', 'width', 'baseWidth'])
  const multiplier = checkInteger('width', width, 1) / checkInteger('baseWidth', baseWidth, 1)
  return normal({ std: checkNumber('std', std, 0) / Math.sqrt(multiplier) })
}

/** The half of an encoder-decoder model that a matrix belongs to. */
export type Stack = 'encoder' | 'decoder'
const STACKS: readonly Stack[] = ['encoder', 'decoder']

/** The depth of a model: either `layers`, or the other three. */
export interface DepthOptions {
  /** Layers of a model that is only an encoder or only a decoder, an integer >= 1. */
  layers?: number
  /** Layers of the encoder, an integer >= 1. */
  encoderLayers?: number
  /** Layers of the decoder, an integer >= 1. */
  decoderLayers?: number
  /** The half that the matrix belongs to. */
  stack?: Stack
}

/** Either `{ layers }`, or the other three. */
function parseDepths(
  title: string,
  options: DepthOptions,
): { layers: number } | { encoder: number; decoder: number; stack: Stack } {
  const o = checkObject(title, options, ['layers', 'encoderLayers', 'decoderLayers', 'stack'])
  const { layers, encoderLayers, decoderLayers, stack } = o
  if (encoderLayers === undefined && decoderLayers === undefined && stack === undefined) {
    return { layers: checkInteger('layers', layers, 1) }
  }
  if (layers !== undefined) throwConflict('layers', 'encoderLayers', 'decoderLayers', 'stack')
  return {
    encoder: checkInteger('encoderLayers', encoderLayers, 1),
    decoder: checkInteger('decoderLayers', decoderLayers, 1),
    stack: checkOneOf('stack', stack, STACKS),
  }
}

/**
 * The gain of the feed-forward, value and output projections under DeepNorm, whose residual branches the model scales
 * up. Source: Wang et al., "DeepNet", 2022, table 1, with the exponents of torchscale.
 *
 * @param options See `DepthOptions`.
 * @returns The gain, for Xavier initialization.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { deepNormGain } from 'simdinit'
 * console.log(deepNormGain({ layers: 2 })) // 0.5
 */
export function deepNormGain(options: DepthOptions): number {
  const depth = parseDepths('deepNormGain', options)
  if ('layers' in depth) return 1 / fourthRoot(8 * depth.layers)
  const { encoder, decoder, stack } = depth
  return stack === 'decoder'
    ? 1 / fourthRoot(12 * decoder)
    : 1.15 / fourthRoot(fourthRoot(encoder * encoder * encoder * encoder * decoder))
}

/**
 * The gain of the same projections under Sub-LN. Source: Wang et al., "Foundation Transformers" (Magneto), 2022.
 *
 * @param options See `DepthOptions`.
 * @returns The gain, for Xavier initialization.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { subLayerNormGain } from 'simdinit'
 * console.log(subLayerNormGain({ layers: 12 }).toFixed(4)) // 1.7827
 */
export function subLayerNormGain(options: DepthOptions): number {
  const depth = parseDepths('subLayerNormGain', options)
  if ('layers' in depth) return Math.sqrt(log(2 * depth.layers))
  const { encoder, decoder, stack } = depth
  return Math.sqrt(stack === 'decoder' ? log(3 * decoder) : (log(3 * decoder) * log(2 * encoder)) / 3)
}

/**
 * The factor of Xavier weights under T-Fixup, which needs neither warm-up nor normalization: for feed-forward and
 * output projections; for value projections multiply it by sqrt(2). Source: Huang et al., ICML 2020, section 3.3.
 *
 * @param options `layers`: of the stack, an integer >= 1. `stack`: 'encoder' or 'decoder'.
 * @returns The gain, for Xavier initialization.
 * @throws TypeError or RangeError if an option is out of its range.
 * @example
 * import { tFixupGain } from 'simdinit'
 * console.log(tFixupGain({ layers: 16, stack: 'encoder' })) // 0.335
 */
export function tFixupGain(options: { layers: number; stack: Stack }): number {
  const { layers, stack } = checkObject('tFixupGain', options, ['layers', 'stack'])
  const depth = checkInteger('layers', layers, 1)
  return checkOneOf('stack', stack, STACKS) === 'decoder'
    ? 1 / fourthRoot(9 * depth)
    : 0.67 / fourthRoot(depth)
}

/** By square roots, which every JavaScript engine rounds alike. */
function fourthRoot(x: number): number {
  return Math.sqrt(Math.sqrt(x))
}

/** The strategies of types of their own, by name, for the registry. */
export const TRANSFORMER_FACTORIES = { residualNormal }
