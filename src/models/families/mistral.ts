/**
 * Mistral 7B (Jiang et al., 2023), with the names, shapes and defaults of transformers' `MistralForCausalLM` and
 * `MistralConfig`: Llama without biases.
 */

import type { Config } from '../model-config.ts'
import { addAttention, buildDecoder, readDecoderSizes, addGatedMlp } from './decoder.ts'
import type { Family } from './family.ts'

const DEFAULTS = {
  vocabSize: 32000,
  hiddenSize: 4096,
  intermediateSize: 14336,
  layers: 32,
  heads: 32,
  kvHeads: 8,
  storesHeadDim: true,
}

export const mistral: Family = {
  type: 'mistral',
  architectures: ['MistralForCausalLM'],
  source: 'transformers, modeling_mistral.py',
  buildModel(config: Config) {
    const sizes = readDecoderSizes(config, DEFAULTS)
    const { hiddenSize, intermediateSize } = sizes
    return buildDecoder(config, sizes, (block) => {
      addAttention(block.scope('self_attn'), sizes)
      addGatedMlp(block.scope('mlp'), hiddenSize, intermediateSize)
      block.norm('input_layernorm', hiddenSize)
      block.norm('post_attention_layernorm', hiddenSize)
    })
  },
}
