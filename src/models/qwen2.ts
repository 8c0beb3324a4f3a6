/**
 * Qwen2 and Qwen2.5 (Yang et al., 2024), with the names, shapes and defaults of transformers' `Qwen2ForCausalLM` and
 * `Qwen2Config`: Llama's, with biases at queries, keys and values.
 */

import type { Config } from './config.ts'
import { attention, decoder, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = { vocabulary: 151936, width: 4096, inner: 22016, layers: 32, heads: 32, keyHeads: 32 }

export const qwen2: Family = {
  type: 'qwen2',
  architectures: ['Qwen2ForCausalLM'],
  source: 'transformers, modeling_qwen2.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { width, inner } = sizes
    return decoder(config, sizes, (block) => {
      attention(block.at('self_attn'), sizes, { bias: true, outBias: false })
      gatedMlp(block.at('mlp'), width, inner)
      block.norm('input_layernorm', width)
      block.norm('post_attention_layernorm', width)
    })
  },
}
