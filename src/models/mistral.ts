/**
 * Mistral 7B (Jiang et al., 2023), with the names, shapes and defaults of transformers' `MistralForCausalLM` and
 * `MistralConfig`: Llama's, without biases.
 */

import type { Config } from './config.ts'
import { attention, decoder, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = { vocabulary: 32000, width: 4096, inner: 14336, layers: 32, heads: 32, keyHeads: 8 }

export const mistral: Family = {
  type: 'mistral',
  architectures: ['MistralForCausalLM'],
  source: 'transformers, modeling_mistral.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { width, inner } = sizes
    return decoder(config, sizes, (block) => {
      attention(block.at('self_attn'), sizes)
      gatedMlp(block.at('mlp'), width, inner)
      block.norm('input_layernorm', width)
      block.norm('post_attention_layernorm', width)
    })
  },
}
