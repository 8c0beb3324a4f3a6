/**
 * The common structure of Llama's descendants: an embedding, a stack of layers, a norm and a head. A layer has
 * grouped-query attention and a gated feed-forward block.
 */

import { InputError } from '../../errors/simdinit-error.ts'
import { type Config } from '../model-config.ts'
import { MAX_LAYERS } from './family.ts'
import { Model, type ModuleOptions, type ModuleScope } from '../model-builder.ts'

export interface DecoderSizes {
  readonly vocabSize: number
  readonly hiddenSize: number
  readonly intermediateSize: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** The row of the embedding that belongs to the padding token. */
  readonly paddingIndex?: number
}

/** Values of missing fields. `kvHeads` defaults to all heads and `headDim` to hiddenSize / heads. */
export type DecoderDefaults = Omit<DecoderSizes, 'kvHeads' | 'headDim'> & {
  kvHeads?: number
  headDim?: number
  /** Does the config class compute a `head_dim` that is missing? */
  storesHeadDim?: boolean
  /** The part of each head that rotary embeddings turn, from 0 to 1. */
  rotatedPart?: number
}

export function readDecoderSizes(config: Config, defaults: DecoderDefaults): DecoderSizes {
  const hiddenSize = config.dimension(['hidden_size'], defaults.hiddenSize)
  const vocabSize = config.dimension(['vocab_size'], defaults.vocabSize)
  const heads = config.dimension(['num_attention_heads'], defaults.heads)
  const defaultKvHeads = config.isNull('num_key_value_heads') ? heads : (defaults.kvHeads ?? heads)
  const kvHeads = config.optionalDimension(['num_key_value_heads']) ?? defaultKvHeads
  const ownHeadDim = config.optionalDimension(['head_dim']) ?? defaults.headDim
  if (ownHeadDim === undefined) checkHeadDivisibility(hiddenSize, heads)
  const headDim = ownHeadDim ?? hiddenSize / heads
  if (ownHeadDim !== undefined || defaults.storesHeadDim) checkRotation(config, headDim, defaults)
  if (heads % kvHeads !== 0) {
    throw new InputError(
      `config.json: "num_key_value_heads" must be a divisor of "num_attention_heads" (${heads}); received ${kvHeads}`,
    )
  }
  return {
    vocabSize,
    hiddenSize,
    intermediateSize: config.dimension(['intermediate_size'], defaults.intermediateSize),
    layers: config.dimension(['num_hidden_layers'], defaults.layers, MAX_LAYERS),
    heads,
    kvHeads,
    headDim,
    paddingIndex: config.paddingIndex(vocabSize, defaults.paddingIndex),
  }
}

/** Throws an InputError for a whole head of odd size above 4, which transformers does not rotate. */
export function checkRotation(
  config: Config,
  headDim: number,
  { rotatedPart = 1, name = 'head_dim' }: { rotatedPart?: number; name?: string } = {},
): void {
  if (headDim <= 4 || headDim % 2 === 0) return
  if (Math.floor(headDim * config.nonNegativeNumber(['partial_rotary_factor'], rotatedPart)) !== headDim)
    return
  throw new InputError(`config.json: "${name}" must be even or at most 4; received ${headDim}`)
}

/** Throws an InputError unless `hiddenSize` is a multiple of `heads`. */
export function checkHeadDivisibility(hiddenSize: number, heads: number): void {
  if (hiddenSize % heads === 0) return
  throw new InputError(
    `config.json: "hidden_size" must be a multiple of "num_attention_heads" (${heads}); received ${hiddenSize}`,
  )
}

/** Builds a model whose layers `layer` adds. `norm` is for the last norm; `tied` is the default of `tie_word_embeddings`. */
export function buildDecoder(
  config: Config,
  { vocabSize, hiddenSize, layers, paddingIndex }: DecoderSizes,
  layer: (block: ModuleScope) => void,
  { norm, tied = false }: { norm?: ModuleOptions; tied?: boolean } = {},
): Model {
  const model = new Model({ hiddenSize, layers, std: config.initializerRange() })
  const body = model.scope('model')
  body.embedding('embed_tokens', 'tokens', vocabSize, hiddenSize, { paddingIndex })
  for (const block of body.eachLayer('layers', layers)) layer(block)
  body.norm('norm', hiddenSize, norm)
  if (!config.flag('tie_word_embeddings', tied))
    model.scope('').linear('lm_head', 'head', hiddenSize, vocabSize)
  return model
}

/** Adds the projections of queries, keys and values and the output projection, without biases by default. */
export function addAttention(
  block: ModuleScope,
  { hiddenSize, heads, kvHeads, headDim }: DecoderSizes,
  { bias = false, outBias = bias, out = 'o_proj' }: { bias?: boolean; outBias?: boolean; out?: string } = {},
): void {
  block.linear('q_proj', 'query', hiddenSize, heads * headDim, { bias })
  block.linear('k_proj', 'key', hiddenSize, kvHeads * headDim, { bias })
  block.linear('v_proj', 'value', hiddenSize, kvHeads * headDim, { bias })
  block.linear(out, 'attentionOut', heads * headDim, hiddenSize, { bias: outBias })
}

/** Adds the matrices of down(activation(gate(x)) * up(x)). */
export function addGatedMlp(
  mlp: ModuleScope,
  hiddenSize: number,
  intermediateSize: number,
  options: ModuleOptions = {},
): void {
  mlp.linear('gate_proj', 'mlpGate', hiddenSize, intermediateSize, options)
  mlp.linear('up_proj', 'mlpUp', hiddenSize, intermediateSize, options)
  mlp.linear('down_proj', 'mlpOut', intermediateSize, hiddenSize, options)
}
