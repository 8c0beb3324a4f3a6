/**
 * GPT-NeoX-20B (Black et al., 2022) and Pythia (Biderman et al., 2023), with the names, shapes and defaults of
 * transformers' `GPTNeoXForCausalLM` and `GPTNeoXConfig`. The head is renamed as it is saved, so that all is sorted.
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
    const width = config.dimension(['hidden_size'], 6144)
    const vocabulary = config.dimension(['vocab_size'], 50432)
    const inner = config.dimension(['intermediate_size'], 24576)
    const layers = config.dimension(['num_hidden_layers'], 44, MAX_LAYERS)
    checkHeadDivisibility(width, config.dimension(['num_attention_heads'], 64))
    const attentionBias = config.flag('attention_bias', true)
    const bias = true
    const model = new Model({ width, layers, std: config.initializerRange(), biasFirst: true })
    const body = model.scope('gpt_neox')
    body.embedding('embed_in', 'tokens', vocabulary, width)
    body.norm('final_layer_norm', width, { bias })
    for (const block of body.eachLayer('layers', layers)) {
      block.linear('attention.dense', 'attentionOut', width, width, { bias: attentionBias })
      block.linear('attention.query_key_value', 'queryKeyValue', width, 3 * width, { bias: attentionBias })
      block.norm('input_layernorm', width, { bias })
      block.linear('mlp.dense_4h_to_h', 'mlpOut', inner, width, { bias })
      block.linear('mlp.dense_h_to_4h', 'mlpIn', width, inner, { bias })
      block.norm('post_attention_layernorm', width, { bias })
    }
    if (!config.flag('tie_word_embeddings', false))
      model.scope('').linear('embed_out', 'head', width, vocabulary)
    return model
  },
}
