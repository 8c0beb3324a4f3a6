/**
 * Gemma 2 (Gemma Team, 2024), with the names, shapes and defaults of transformers' `Gemma2ForCausalLM` and
 * `Gemma2Config`: Gemma's, with norms on both sides of each part of a layer.
 */

import { zeros } from '../strategies.ts'
import type { Config } from './config.ts'
import { attention, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from './model.ts'

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
    const { vocabulary, width, inner, layers, padding } = sizes
    const bias = config.flag('attention_bias', false)
    const centred = { hf: zeros() } // `Gemma2PreTrainedModel._init_weights`: RMSNorm 0
    const model = new Model({ width, layers, std: config.range() })
    const body = model.at('model')
    body.embedding('embed_tokens', 'tokens', vocabulary, width, { padding })
    for (const block of body.stack('layers', layers)) {
      attention(block.at('self_attn'), sizes, { bias })
      gatedMlp(block.at('mlp'), width, inner)
      block.norm('input_layernorm', width, centred)
      block.norm('post_attention_layernorm', width, centred)
      block.norm('pre_feedforward_layernorm', width, centred)
      block.norm('post_feedforward_layernorm', width, centred)
    }
    body.norm('norm', width, centred)
    if (!config.flag('tie_word_embeddings', true)) model.at('').linear('lm_head', 'head', width, vocabulary)
    return model
  },
}
