/**
 * Qwen3 (Yang et al., 2025), with the names, shapes and defaults of transformers' `Qwen3ForCausalLM` and
 * `Qwen3Config`: heads of a size of their own, and norms of queries and keys instead of their biases.
 */

import type { Config } from './config.ts'
import { attention, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from './model.ts'

const DEFAULTS = {
  vocabulary: 151936,
  width: 4096,
  inner: 22016,
  layers: 32,
  heads: 32,
  keyHeads: 32,
  headDim: 128,
}

export const qwen3: Family = {
  type: 'qwen3',
  architectures: ['Qwen3ForCausalLM'],
  source: 'transformers, modeling_qwen3.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { vocabulary, width, inner, layers, headDim, padding } = sizes
    const bias = config.flag('attention_bias', false)
    const model = new Model({ width, layers, std: config.range() })
    const body = model.at('model')
    body.embedding('embed_tokens', 'tokens', vocabulary, width, { padding })
    for (const block of body.stack('layers', layers)) {
      attention(block.at('self_attn'), sizes, { bias })
      block.norm('self_attn.q_norm', headDim)
      block.norm('self_attn.k_norm', headDim)
      gatedMlp(block.at('mlp'), width, inner)
      block.norm('input_layernorm', width)
      block.norm('post_attention_layernorm', width)
    }
    body.norm('norm', width)
    if (!config.flag('tie_word_embeddings', false)) model.at('').linear('lm_head', 'head', width, vocabulary)
    return model
  },
}
