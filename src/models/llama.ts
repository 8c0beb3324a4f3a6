/**
 * Llama (Touvron et al., 2023), with the names, shapes and defaults of transformers' `LlamaForCausalLM` and
 * `LlamaConfig`. Rotary frequencies are not stored.
 */

import type { Config } from './config.ts'
import { attention, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from './model.ts'

const DEFAULTS = { vocabulary: 32000, width: 4096, inner: 11008, layers: 32, heads: 32 }

export const llama: Family = {
  type: 'llama',
  architectures: ['LlamaForCausalLM'],
  source: 'transformers, modeling_llama.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { vocabulary, width, inner, layers, padding } = sizes
    const bias = config.flag('attention_bias', false)
    const mlpBias = config.flag('mlp_bias', false)
    const model = new Model({ width, layers, std: config.range() })
    const body = model.at('model')
    body.embedding('embed_tokens', 'tokens', vocabulary, width, { padding })
    for (const block of body.stack('layers', layers)) {
      attention(block.at('self_attn'), sizes, { bias })
      gatedMlp(block.at('mlp'), width, inner, { bias: mlpBias })
      block.norm('input_layernorm', width)
      block.norm('post_attention_layernorm', width)
    }
    body.norm('norm', width)
    if (!config.flag('tie_word_embeddings', false)) model.at('').linear('lm_head', 'head', width, vocabulary)
    return model
  },
}
