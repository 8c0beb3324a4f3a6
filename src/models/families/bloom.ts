/**
 * BLOOM (BigScience, 2022), with the names, shapes and defaults of transformers' `BloomForCausalLM` and
 * `BloomConfig`. Positions are ALiBi biases, which are not stored.
 */

import type { Config } from '../model-config.ts'
import { checkHeadDivisibility } from './decoder.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model } from '../model-builder.ts'

export const bloom: Family = {
  type: 'bloom',
  architectures: ['BloomForCausalLM'],
  source: 'transformers, modeling_bloom.py',
  buildModel(config: Config) {
    const hiddenSize = config.optionalDimension(['n_embed']) ?? config.dimension(['hidden_size'], 64)
    const vocabSize = config.dimension(['vocab_size'], 250880)
    const layers = config.dimension(['num_hidden_layers', 'n_layer'], 2, MAX_LAYERS)
    checkHeadDivisibility(hiddenSize, config.dimension(['num_attention_heads', 'n_head'], 8))
    const bias = true
    const model = new Model({ hiddenSize, layers, std: config.initializerRange() })
    const transformer = model.scope('transformer')
    transformer.embedding('word_embeddings', 'tokens', vocabSize, hiddenSize)
    transformer.norm('word_embeddings_layernorm', hiddenSize, { bias })
    for (const block of transformer.eachLayer('h', layers)) {
      block.norm('input_layernorm', hiddenSize, { bias })
      block.linear('self_attention.query_key_value', 'queryKeyValue', hiddenSize, 3 * hiddenSize, { bias })
      block.linear('self_attention.dense', 'attentionOut', hiddenSize, hiddenSize, { bias })
      block.norm('post_attention_layernorm', hiddenSize, { bias })
      block.linear('mlp.dense_h_to_4h', 'mlpIn', hiddenSize, 4 * hiddenSize, { bias })
      block.linear('mlp.dense_4h_to_h', 'mlpOut', 4 * hiddenSize, hiddenSize, { bias })
    }
    transformer.norm('ln_f', hiddenSize, { bias })
    if (!config.flag('tie_word_embeddings', true))
      model.scope('').linear('lm_head', 'head', hiddenSize, vocabSize)
    return model
  },
}
