/**
 * Phi-1, 1.5 and 2 (Li et al., 2023), with the names, shapes and defaults of transformers' `PhiForCausalLM` and
 * `PhiConfig`. All layers have biases. The bias of the head is stored even if its matrix is tied.
 */

import { zeros } from '../../strategies/elementary.ts'
import type { Config } from '../model-config.ts'
import { addAttention, readDecoderSizes } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from '../model-builder.ts'

const DEFAULTS = {
  vocabSize: 51200,
  hiddenSize: 2048,
  intermediateSize: 8192,
  layers: 24,
  heads: 32,
  rotatedPart: 0.5,
}

export const phi: Family = {
  type: 'phi',
  architectures: ['PhiForCausalLM'],
  source: 'transformers, modeling_phi.py',
  buildModel(config: Config) {
    const sizes = readDecoderSizes(config, DEFAULTS)
    const { vocabSize, hiddenSize, intermediateSize, layers, heads, paddingIndex } = sizes
    const queryNorms = config.flag('qk_layernorm', false)
    const normSize = Math.floor(hiddenSize / heads) // ignores `head_dim`
    const bias = true
    const model = new Model({ hiddenSize, layers, std: config.initializerRange() })
    const body = model.scope('model')
    body.embedding('embed_tokens', 'tokens', vocabSize, hiddenSize, { paddingIndex })
    for (const block of body.eachLayer('layers', layers)) {
      addAttention(block.scope('self_attn'), sizes, { bias, out: 'dense' })
      if (queryNorms) {
        block.norm('self_attn.q_layernorm', normSize, { bias })
        block.norm('self_attn.k_layernorm', normSize, { bias })
      }
      block.linear('mlp.fc1', 'mlpIn', hiddenSize, intermediateSize, { bias })
      block.linear('mlp.fc2', 'mlpOut', intermediateSize, hiddenSize, { bias })
      block.norm('input_layernorm', hiddenSize, { bias })
    }
    body.norm('final_layernorm', hiddenSize, { bias })
    if (config.flag('tie_word_embeddings', false)) {
      model.scope('').tensor('lm_head.bias', 'bias', [vocabSize], zeros())
    } else model.scope('').linear('lm_head', 'head', hiddenSize, vocabSize, { bias })
    return model
  },
}
