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
  readonly hiddenSize: number
  readonly intermediateSize: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** The padding row of the embedding. */
  readonly paddingIndex?: number
}

/** What a config means that leaves a field out; `kvHeads` all heads and `headDim` their share, unless said. */
export type DecoderDefaults = Omit<DecoderSizes, 'kvHeads' | 'headDim'> & {
  kvHeads?: number
  headDim?: number
}

export function readDecoderSizes(config: Config, defaults: DecoderDefaults): DecoderSizes {
  const hiddenSize = config.dimension(['hidden_size'], defaults.hiddenSize)
  const vocabSize = config.dimension(['vocab_size'], defaults.vocabSize)
  const heads = config.dimension(['num_attention_heads'], defaults.heads)
  const share = config.isNull('num_key_value_heads') ? heads : (defaults.kvHeads ?? heads)
  const kvHeads = config.optionalDimension(['num_key_value_heads']) ?? share
  const headDim = config.optionalDimension(['head_dim']) ?? defaults.headDim
  if (headDim === undefined) checkHeadDivisibility(hiddenSize, heads)
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
    headDim: headDim ?? hiddenSize / heads,
    paddingIndex: config.paddingIndex(vocabSize, defaults.paddingIndex),
  }
}

/** Refuses a hiddenSize that the heads do not divide. */
export function checkHeadDivisibility(hiddenSize: number, heads: number): void {
  if (hiddenSize % heads === 0) return
  throw new InputError(
    `config.json: "hidden_size" must be a multiple of "num_attention_heads" (${heads}); received ${hiddenSize}`,
  )
}

/** A model whose layers are as `layer` says. `norm` is for the last norm; `tied`, what a config means that does not say. */
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

/** q, k and v, then the projection out, all without biases unless said. */
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

/** down(activation(gate(x)) * up(x)). */
export function addGatedMlp(
  mlp: ModuleScope,
  hiddenSize: number,
  intermediateSize: number,
  extra: ModuleOptions = {},
): void {
  mlp.linear('gate_proj', 'mlpGate', hiddenSize, intermediateSize, extra)
  mlp.linear('up_proj', 'mlpUp', hiddenSize, intermediateSize, extra)
  mlp.linear('down_proj', 'mlpOut', intermediateSize, hiddenSize, extra)
}
