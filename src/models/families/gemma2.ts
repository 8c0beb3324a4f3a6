/**
 * Gemma 2 (Gemma Team, 2024), with the names, shapes and defaults of transformers' `Gemma2ForCausalLM` and
 * `Gemma2Config`: Gemma with norms before and after each block of a layer.
 */

import { zeros } from '../../strategies/elementary.ts'
import type { Config } from '../model-config.ts'
import {
  addAttention,
  buildDecoder,
  checkHeadDivisibility,
  readDecoderSizes,
  addGatedMlp,
} from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = {
  vocabSize: 256000,
  hiddenSize: 2304,
  intermediateSize: 9216,
  layers: 26,
  heads: 8,
  kvHeads: 4,
  headDim: 256,
  paddingIndex: 0,
}

export const gemma2: Family = {
  type: 'gemma2',
  architectures: ['Gemma2ForCausalLM'],
  source: 'transformers, modeling_gemma2.py',
  buildModel(config: Config) {
    const sizes = readDecoderSizes(config, DEFAULTS)
    const { hiddenSize, intermediateSize, heads } = sizes
    checkHeadDivisibility(hiddenSize, heads) // even where `head_dim` is given
    const bias = config.flag('attention_bias', false)
    const zeroCentered = { defaultInit: zeros() } // `Gemma2PreTrainedModel._init_weights`: RMSNorm 0
    return buildDecoder(
      config,
      sizes,
      (block) => {
        addAttention(block.scope('self_attn'), sizes, { bias })
        addGatedMlp(block.scope('mlp'), hiddenSize, intermediateSize)
        block.norm('input_layernorm', hiddenSize, zeroCentered)
        block.norm('post_attention_layernorm', hiddenSize, zeroCentered)
        block.norm('pre_feedforward_layernorm', hiddenSize, zeroCentered)
        block.norm('post_feedforward_layernorm', hiddenSize, zeroCentered)
      },
      { norm: zeroCentered, tied: true },
    )
  },
}
