/**
 * What the descendants of Llama have in common: an embedding, a stack of layers, a norm and a head; in a layer,
 * attention with few keys and values, and a gated feed-forward part.
 */

import { InputError } from '../../errors/simdinit-error.ts'
import { type Config } from '../model-config.ts'
import { MAX_LAYERS } from './family.ts'
import { Model, type ModuleOptions, type ModuleScope } from '../model-builder.ts'

export interface DecoderSizes {
  readonly vocabSize: number
  readonly width: number
  readonly intermediateSize: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** The padding row of the embedding. */
  readonly paddingIndex?: number
}

/** What a config means that leaves a field out; `keyHeads` all heads and `headDim` their share, unless said. */
export type DecoderDefaults = Omit<DecoderSizes, 'kvHeads' | 'headDim'> & {
  kvHeads?: number
  headDim?: number
}

export function readDecoderSizes(config: Config, defaults: DecoderDefaults): DecoderSizes {
  const width = config.dimension(['hidden_size'], defaults.width)
  const vocabulary = config.dimension(['vocab_size'], defaults.vocabSize)
  const heads = config.dimension(['num_attention_heads'], defaults.heads)
  const share = config.isNull('num_key_value_heads') ? heads : (defaults.kvHeads ?? heads)
  const keyHeads = config.optionalDimension(['num_key_value_heads']) ?? share
  const headDim = config.optionalDimension(['head_dim']) ?? defaults.headDim
  if (headDim === undefined) checkHeadDivisibility(width, heads)
  if (heads % keyHeads !== 0) {
    throw new InputError(
      `config.json: "num_key_value_heads" must be a divisor of "num_attention_heads" (${heads}); received ${keyHeads}`,
    )
  }
  return {
    vocabSize: vocabulary,
    width,
    intermediateSize: config.dimension(['intermediate_size'], defaults.intermediateSize),
    layers: config.dimension(['num_hidden_layers'], defaults.layers, MAX_LAYERS),
    heads,
    kvHeads: keyHeads,
    headDim: headDim ?? width / heads,
    paddingIndex: config.paddingIndex(vocabulary, defaults.paddingIndex),
  }
}

/** Refuses a width that the heads do not divide. */
export function checkHeadDivisibility(width: number, heads: number): void {
  if (width % heads === 0) return
  throw new InputError(
    `config.json: "hidden_size" must be a multiple of "num_attention_heads" (${heads}); received ${width}`,
  )
}

/** A model whose layers are as `layer` says. `norm` is for the last norm; `tied`, what a config means that does not say. */
export function buildDecoder(
  config: Config,
  { vocabSize, width, layers, paddingIndex }: DecoderSizes,
  layer: (block: ModuleScope) => void,
  { norm, tied = false }: { norm?: ModuleOptions; tied?: boolean } = {},
): Model {
  const model = new Model({ width, layers, std: config.initializerRange() })
  const body = model.scope('model')
  body.embedding('embed_tokens', 'tokens', vocabSize, width, { paddingIndex: paddingIndex })
  for (const block of body.eachLayer('layers', layers)) layer(block)
  body.norm('norm', width, norm)
  if (!config.flag('tie_word_embeddings', tied)) model.scope('').linear('lm_head', 'head', width, vocabSize)
  return model
}

/** q, k and v, then the projection out, all without biases unless said. */
export function addAttention(
  block: ModuleScope,
  { width, heads, kvHeads, headDim }: DecoderSizes,
  { bias = false, outBias = bias, out = 'o_proj' }: { bias?: boolean; outBias?: boolean; out?: string } = {},
): void {
  block.linear('q_proj', 'query', width, heads * headDim, { bias })
  block.linear('k_proj', 'key', width, kvHeads * headDim, { bias })
  block.linear('v_proj', 'value', width, kvHeads * headDim, { bias })
  block.linear(out, 'attentionOut', heads * headDim, width, { bias: outBias })
}

/** down(activation(gate(x)) * up(x)). */
export function addGatedMlp(mlp: ModuleScope, width: number, inner: number, extra: ModuleOptions = {}): void {
  mlp.linear('gate_proj', 'mlpGate', width, inner, extra)
  mlp.linear('up_proj', 'mlpUp', width, inner, extra)
  mlp.linear('down_proj', 'mlpOut', inner, width, extra)
}
