/**
 * Gemma 2 (Gemma Team, 2024), with the names, shapes and defaults of transformers' `Gemma2ForCausalLM` and
 * `Gemma2Config`: Gemma's, with norms on both sides of each part of a layer.
 */

import { zeros } from '../strategies.ts'
import type { Config } from './config.ts'
import { attention, decoder, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = {
  vocabulary: 256000,
  width: 2304,
  inner: 9216,
  layers: 26,
  heads: 8,
  keyHeads: 4,
  headDim: 256,
  padding: 0,
}

export const gemma2: Family = {
  type: 'gemma2',
  architectures: ['Gemma2ForCausalLM'],
  source: 'transformers, modeling_gemma2.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { width, inner } = sizes
    const bias = config.flag('attention_bias', false)
    const centred = { hf: zeros() } // `Gemma2PreTrainedModel._init_weights`: RMSNorm 0
    return decoder(
      config,
      sizes,
      (block) => {
        attention(block.at('self_attn'), sizes, { bias })
        gatedMlp(block.at('mlp'), width, inner)
        block.norm('input_layernorm', width, centred)
        block.norm('post_attention_layernorm', width, centred)
        block.norm('pre_feedforward_layernorm', width, centred)
        block.norm('post_feedforward_layernorm', width, centred)
      },
      { norm: centred, tied: true },
    )
  },
}
