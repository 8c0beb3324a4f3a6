/**
 * Gemma (Gemma Team, 2024), with the names, shapes and defaults of transformers' `GemmaForCausalLM` and
 * `GemmaConfig`. Its norms multiply by 1 + weight, so their weights start at 0. The head is tied.
 */

import { zeros } from '../../strategies/elementary.ts'
import type { Config } from '../model-config.ts'
import { addAttention, buildDecoder, readDecoderSizes, addGatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = {
  vocabSize: 256000,
  hiddenSize: 3072,
  intermediateSize: 24576,
  layers: 28,
  heads: 16,
  kvHeads: 16,
  headDim: 256,
  paddingIndex: 0,
}

export const gemma: Family = {
  type: 'gemma',
  architectures: ['GemmaForCausalLM'],
  source: 'transformers, modeling_gemma.py',
  buildModel(config: Config) {
    const sizes = readDecoderSizes(config, DEFAULTS)
    const { hiddenSize, intermediateSize } = sizes
    const bias = config.flag('attention_bias', false)
    const zeroCentered = { defaultInit: zeros() } // `GemmaPreTrainedModel._init_weights`: RMSNorm 0
    return buildDecoder(
      config,
      sizes,
      (block) => {
        addAttention(block.scope('self_attn'), sizes, { bias })
        addGatedMlp(block.scope('mlp'), hiddenSize, intermediateSize)
        block.norm('input_layernorm', hiddenSize, zeroCentered)
        block.norm('post_attention_layernorm', hiddenSize, zeroCentered)
      },
      { norm: zeroCentered, tied: true },
    )
  },
}
