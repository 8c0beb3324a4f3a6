/**
 * Gemma (Gemma Team, 2024), with the names, shapes and defaults of transformers' `GemmaForCausalLM` and
 * `GemmaConfig`. Its norms multiply by 1 + weight, so that their weights begin at 0; the head is tied.
 */

import { zeros } from '../strategies.ts'
import type { Config } from './config.ts'
import { attention, decoder, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = {
  vocabulary: 256000,
  width: 3072,
  inner: 24576,
  layers: 28,
  heads: 16,
  keyHeads: 16,
  headDim: 256,
  padding: 0,
}

export const gemma: Family = {
  type: 'gemma',
  architectures: ['GemmaForCausalLM'],
  source: 'transformers, modeling_gemma.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { width, inner } = sizes
    const bias = config.flag('attention_bias', false)
    const centred = { hf: zeros() } // `GemmaPreTrainedModel._init_weights`: RMSNorm 0
    return decoder(
      config,
      sizes,
      (block) => {
        attention(block.at('self_attn'), sizes, { bias })
        gatedMlp(block.at('mlp'), width, inner)
        block.norm('input_layernorm', width, centred)
        block.norm('post_attention_layernorm', width, centred)
      },
      { norm: centred, tied: true },
    )
  },
}
