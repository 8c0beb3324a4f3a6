/**
 * GPT-NeoX-20B (Black et al., 2022) and Pythia (Biderman et al., 2023), with the names, shapes and defaults of
 * transformers' `GPTNeoXForCausalLM` and `GPTNeoXConfig`. transformers renames the head on saving and therefore
 * sorts all tensors.
 */

import type { Config } from '../model-config.ts'
import { checkHeadDivisibility } from './decoder.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model } from '../model-builder.ts'

export const gptNeox: Family = {
  type: 'gpt_neox',
  architectures: ['GPTNeoXForCausalLM'],
  source: 'transformers, modeling_gpt_neox.py and conversion_mapping.py',
  buildModel(config: Config) {
    const hiddenSize = config.dimension(['hidden_size'], 6144)
    const vocabSize = config.dimension(['vocab_size'], 50432)
    const intermediateSize = config.dimension(['intermediate_size'], 24576)
    const layers = config.dimension(['num_hidden_layers'], 44, MAX_LAYERS)
    checkHeadDivisibility(hiddenSize, config.dimension(['num_attention_heads'], 64))
    const attentionBias = config.flag('attention_bias', true)
    const bias = true
    const model = new Model({ hiddenSize, layers, std: config.initializerRange(), biasFirst: true })
    const body = model.scope('gpt_neox')
    body.embedding('embed_in', 'tokens', vocabSize, hiddenSize)
    body.norm('final_layer_norm', hiddenSize, { bias })
    for (const block of body.eachLayer('layers', layers)) {
      block.linear('attention.dense', 'attentionOut', hiddenSize, hiddenSize, { bias: attentionBias })
      block.linear('attention.query_key_value', 'queryKeyValue', hiddenSize, 3 * hiddenSize, {
        bias: attentionBias,
      })
      block.norm('input_layernorm', hiddenSize, { bias })
      block.linear('mlp.dense_4h_to_h', 'mlpOut', intermediateSize, hiddenSize, { bias })
      block.linear('mlp.dense_h_to_4h', 'mlpIn', hiddenSize, intermediateSize, { bias })
      block.norm('post_attention_layernorm', hiddenSize, { bias })
    }
    if (!config.flag('tie_word_embeddings', false))
      model.scope('').linear('embed_out', 'head', hiddenSize, vocabSize)
    return model
  },
}
