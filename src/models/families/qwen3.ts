/**
 * Qwen3 (Yang et al., 2025), with the names, shapes and defaults of transformers' `Qwen3ForCausalLM` and
 * `Qwen3Config`: an independent head size, and norms instead of biases in queries and keys.
 */

import type { Config } from '../model-config.ts'
import { addAttention, buildDecoder, readDecoderSizes, addGatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = {
  vocabSize: 151936,
  hiddenSize: 4096,
  intermediateSize: 22016,
  layers: 32,
  heads: 32,
  kvHeads: 32,
  headDim: 128,
}

export const qwen3: Family = {
  type: 'qwen3',
  architectures: ['Qwen3ForCausalLM'],
  source: 'transformers, modeling_qwen3.py',
  buildModel(config: Config) {
    const sizes = readDecoderSizes(config, DEFAULTS)
    const { hiddenSize, intermediateSize, headDim } = sizes
    const bias = config.flag('attention_bias', false)
    return buildDecoder(config, sizes, (block) => {
      addAttention(block.scope('self_attn'), sizes, { bias })
      block.norm('self_attn.q_norm', headDim)
      block.norm('self_attn.k_norm', headDim)
      addGatedMlp(block.scope('mlp'), hiddenSize, intermediateSize)
      block.norm('input_layernorm', hiddenSize)
      block.norm('post_attention_layernorm', hiddenSize)
    })
  },
}
