/**
 * Gemma (Gemma Team, 2024), with the names, shapes and defaults of transformers' `GemmaForCausalLM` and
 * `GemmaConfig`. Its norms multiply by 1 + weight, so that their weights begin at 0; the head is tied.
 */

import { zeros } from '../strategies.ts'
import type { Config } from './config.ts'
import { attention, decoderSizes, gatedMlp } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from './model.ts'

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
    const { vocabulary, width, inner, layers, padding } = sizes
    const bias = config.flag('attention_bias', false)
    const centred = { hf: zeros() } // `GemmaPreTrainedModel._init_weights`: RMSNorm 0
    const model = new Model({ width, layers, std: config.range() })
    const body = model.at('model')
    body.embedding('embed_tokens', 'tokens', vocabulary, width, { padding })
    for (const block of body.stack('layers', layers)) {
      attention(block.at('self_attn'), sizes, { bias })
      gatedMlp(block.at('mlp'), width, inner)
      block.norm('input_layernorm', width, centred)
      block.norm('post_attention_layernorm', width, centred)
    }
    body.norm('norm', width, centred)
    if (!config.flag('tie_word_embeddings', true)) model.at('').linear('lm_head', 'head', width, vocabulary)
    return model
  },
}
