/**
 * Qwen2 and Qwen2.5 (Yang et al., 2024), with the names, shapes and defaults of transformers' `Qwen2ForCausalLM` and
 * `Qwen2Config`: Llama with biases in queries, keys and values.
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
}

export const qwen2: Family = {
  type: 'qwen2',
  architectures: ['Qwen2ForCausalLM'],
  source: 'transformers, modeling_qwen2.py',
  buildModel(config: Config) {
    const sizes = readDecoderSizes(config, DEFAULTS)
    const { hiddenSize, intermediateSize } = sizes
    return buildDecoder(config, sizes, (block) => {
      addAttention(block.scope('self_attn'), sizes, { bias: true, outBias: false })
      addGatedMlp(block.scope('mlp'), hiddenSize, intermediateSize)
      block.norm('input_layernorm', hiddenSize)
      block.norm('post_attention_layernorm', hiddenSize)
    })
  },
}
