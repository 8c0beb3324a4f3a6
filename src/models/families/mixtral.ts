/**
 * Mixtral of experts (Jiang et al., 2024), with the names, shapes and defaults of transformers' `MixtralForCausalLM`
 * and `MixtralConfig`. In memory, the experts of a layer are two tensors. A checkpoint stores each expert's
 * matrices separately, grouped by kind (w2, w1, w3), and the matrices of one kind share a file.
 */

import { normal } from '../../strategies/elementary.ts'
import type { Config } from '../model-config.ts'
import { readDecoderSizes } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from '../model-builder.ts'

const DEFAULTS = {
  vocabSize: 32000,
  hiddenSize: 4096,
  intermediateSize: 14336,
  layers: 32,
  heads: 32,
  kvHeads: 8,
}

export const mixtral: Family = {
  type: 'mixtral',
  architectures: ['MixtralForCausalLM'],
  source: 'transformers, modeling_mixtral.py and conversion_mapping.py',
  buildModel(config: Config) {
    const { vocabSize, hiddenSize, intermediateSize, layers, heads, kvHeads, headDim, paddingIndex } =
      readDecoderSizes(config, DEFAULTS)
    const experts = config.dimension(['num_experts', 'num_local_experts'], 8)
    const model = new Model({ hiddenSize, layers, std: config.initializerRange() })
    if (!config.flag('tie_word_embeddings', false))
      model.scope('').linear('lm_head', 'head', hiddenSize, vocabSize)
    const body = model.scope('model')
    body.embedding('embed_tokens', 'tokens', vocabSize, hiddenSize, { paddingIndex })
    // `MixtralPreTrainedModel._init_weights`: experts and router N(0, initializer_range)
    const hf = normal({ std: config.nonNegativeNumber(['initializer_range'], 0.02) })
    for (const block of body.eachLayer('layers', layers)) {
      block.norm('input_layernorm', hiddenSize)
      const moe = block.scope('block_sparse_moe')
      const matrix = (name: string, role: 'mlpOut' | 'mlpGate' | 'mlpUp', into: number, out: number) => {
        for (let e = 0; e < experts; e++)
          moe.linear(`experts.${e}.${name}`, role, into, out, { defaultInit: hf, group: name })
      }
      matrix('w2', 'mlpOut', intermediateSize, hiddenSize)
      matrix('w1', 'mlpGate', hiddenSize, intermediateSize)
      matrix('w3', 'mlpUp', hiddenSize, intermediateSize)
      moe.linear('gate', 'router', hiddenSize, experts, { defaultInit: hf })
      block.norm('post_attention_layernorm', hiddenSize)
      const attention = block.scope('self_attn')
      attention.linear('k_proj', 'key', hiddenSize, kvHeads * headDim)
      attention.linear('o_proj', 'attentionOut', heads * headDim, hiddenSize)
      attention.linear('q_proj', 'query', hiddenSize, heads * headDim)
      attention.linear('v_proj', 'value', hiddenSize, kvHeads * headDim)
    }
    body.norm('norm', hiddenSize)
    return model
  },
}
