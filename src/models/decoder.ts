/**
 * What the descendants of Llama have in common: an embedding, a stack of layers, a norm and a head; in a layer,
 * attention with few keys and values, and a gated feed-forward part.
 */

import { InputError, type Config } from './config.ts'
import { MAX_LAYERS } from './family.ts'
import { Model, type Extra, type Scope } from './model.ts'

export interface DecoderSizes {
  readonly vocabulary: number
  readonly width: number
  readonly inner: number
  readonly layers: number
  readonly heads: number
  readonly keyHeads: number
  readonly headDim: number
  /** The padding row of the embedding. */
  readonly padding?: number
}

/** What a config means that leaves a field out; `keyHeads` all heads and `headDim` their share, unless said. */
export type DecoderDefaults = Omit<DecoderSizes, 'keyHeads' | 'headDim'> & {
  keyHeads?: number
  headDim?: number
}

export function decoderSizes(config: Config, defaults: DecoderDefaults): DecoderSizes {
  const width = config.dimension(['hidden_size'], defaults.width)
  const vocabulary = config.dimension(['vocab_size'], defaults.vocabulary)
  const heads = config.dimension(['num_attention_heads'], defaults.heads)
  const share = config.isNull('num_key_value_heads') ? heads : (defaults.keyHeads ?? heads)
  const keyHeads = config.optional(['num_key_value_heads']) ?? share
  const headDim = config.optional(['head_dim']) ?? defaults.headDim
  if (headDim === undefined) checkHeads(width, heads)
  if (heads % keyHeads !== 0) {
    throw new InputError(
      `config.json: "num_key_value_heads" expected a divisor of "num_attention_heads" (${heads}), got ${keyHeads}`,
    )
  }
  return {
    vocabulary,
    width,
    inner: config.dimension(['intermediate_size'], defaults.inner),
    layers: config.dimension(['num_hidden_layers'], defaults.layers, MAX_LAYERS),
    heads,
    keyHeads,
    headDim: headDim ?? width / heads,
    padding: config.padding(vocabulary, defaults.padding),
  }
}

/** Refuses a width that the heads do not divide. */
export function checkHeads(width: number, heads: number): void {
  if (width % heads === 0) return
  throw new InputError(
    `config.json: "hidden_size" expected a multiple of "num_attention_heads" (${heads}), got ${width}`,
  )
}

/** A model whose layers are as `layer` says. `norm` is for the last norm; `tied`, what a config means that does not say. */
export function decoder(
  config: Config,
  { vocabulary, width, layers, padding }: DecoderSizes,
  layer: (block: Scope) => void,
  { norm, tied = false }: { norm?: Extra; tied?: boolean } = {},
): Model {
  const model = new Model({ width, layers, std: config.range() })
  const body = model.at('model')
  body.embedding('embed_tokens', 'tokens', vocabulary, width, { padding })
  for (const block of body.stack('layers', layers)) layer(block)
  body.norm('norm', width, norm)
  if (!config.flag('tie_word_embeddings', tied)) model.at('').linear('lm_head', 'head', width, vocabulary)
  return model
}

/** q, k and v, then the projection out, all without biases unless said. */
export function attention(
  block: Scope,
  { width, heads, keyHeads, headDim }: DecoderSizes,
  { bias = false, outBias = bias, out = 'o_proj' }: { bias?: boolean; outBias?: boolean; out?: string } = {},
): void {
  block.linear('q_proj', 'query', width, heads * headDim, { bias })
  block.linear('k_proj', 'key', width, keyHeads * headDim, { bias })
  block.linear('v_proj', 'value', width, keyHeads * headDim, { bias })
  block.linear(out, 'attentionOut', heads * headDim, width, { bias: outBias })
}

/** down(activation(gate(x)) * up(x)). */
export function gatedMlp(mlp: Scope, width: number, inner: number, extra: Extra = {}): void {
  mlp.linear('gate_proj', 'mlpGate', width, inner, extra)
  mlp.linear('up_proj', 'mlpUp', width, inner, extra)
  mlp.linear('down_proj', 'mlpOut', inner, width, extra)
}
