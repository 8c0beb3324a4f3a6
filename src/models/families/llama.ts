/**
 * Llama (Touvron et al., 2023), with the names, shapes and defaults of transformers' `LlamaForCausalLM` and
 * `LlamaConfig`. Rotary frequencies are not stored.
 */

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
  vocabSize: 32000,
  hiddenSize: 4096,
  intermediateSize: 11008,
  layers: 32,
  heads: 32,
  storesHeadDim: true,
}

export const llama: Family = {
  type: 'llama',
  architectures: ['LlamaForCausalLM'],
  source: 'transformers, modeling_llama.py',
  buildModel(config: Config) {
    const sizes = readDecoderSizes(config, DEFAULTS)
    const { hiddenSize, intermediateSize, heads } = sizes
    checkHeadDivisibility(hiddenSize, heads) // even where `head_dim` is given
    const bias = config.flag('attention_bias', false)
    const mlpBias = config.flag('mlp_bias', false)
    return buildDecoder(config, sizes, (block) => {
      addAttention(block.scope('self_attn'), sizes, { bias })
      addGatedMlp(block.scope('mlp'), hiddenSize, intermediateSize, { bias: mlpBias })
      block.norm('input_layernorm', hiddenSize)
      block.norm('post_attention_layernorm', hiddenSize)
    })
  },
}
