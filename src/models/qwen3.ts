/**
 * Qwen3 (Yang et al., 2025), with the names, shapes and defaults of transformers' `Qwen3ForCausalLM` and
 * `Qwen3Config`: heads of a size of their own, and norms of queries and keys instead of their biases.
 */

import type { Config } from './config.ts'
import { attention, decoder, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

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
    const { width, inner, headDim } = sizes
    const bias = config.flag('attention_bias', false)
    return decoder(config, sizes, (block) => {
      attention(block.at('self_attn'), sizes, { bias })
      block.norm('self_attn.q_norm', headDim)
      block.norm('self_attn.k_norm', headDim)
      gatedMlp(block.at('mlp'), width, inner)
      block.norm('input_layernorm', width)
      block.norm('post_attention_layernorm', width)
    })
  },
}
