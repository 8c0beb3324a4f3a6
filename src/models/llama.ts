/**
 * Llama (Touvron et al., 2023), with the names, shapes and defaults of transformers' `LlamaForCausalLM` and
 * `LlamaConfig`. Rotary frequencies are not stored.
 */

import type { Config } from './config.ts'
import { attention, decoder, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = { vocabulary: 32000, width: 4096, inner: 11008, layers: 32, heads: 32 }

export const llama: Family = {
  type: 'llama',
  architectures: ['LlamaForCausalLM'],
  source: 'transformers, modeling_llama.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { width, inner } = sizes
    const bias = config.flag('attention_bias', false)
    const mlpBias = config.flag('mlp_bias', false)
    return decoder(config, sizes, (block) => {
      attention(block.at('self_attn'), sizes, { bias })
      gatedMlp(block.at('mlp'), width, inner, { bias: mlpBias })
      block.norm('input_layernorm', width)
      block.norm('post_attention_layernorm', width)
    })
  },
}
