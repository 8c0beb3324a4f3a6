/**
 * BLOOM (BigScience, 2022), with the names, shapes and defaults of transformers' `BloomForCausalLM` and
 * `BloomConfig`. Positions are ALiBi's and not stored.
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
    const width = config.optionalDimension(['n_embed']) ?? config.dimension(['hidden_size'], 64)
    const vocabulary = config.dimension(['vocab_size'], 250880)
    const layers = config.dimension(['num_hidden_layers', 'n_layer'], 2, MAX_LAYERS)
    checkHeadDivisibility(width, config.dimension(['num_attention_heads', 'n_head'], 8))
    const bias = true
    const model = new Model({ width, layers, std: config.initializerRange() })
    const transformer = model.scope('transformer')
    transformer.embedding('word_embeddings', 'tokens', vocabulary, width)
    transformer.norm('word_embeddings_layernorm', width, { bias })
    for (const block of transformer.eachLayer('h', layers)) {
      block.norm('input_layernorm', width, { bias })
      block.linear('self_attention.query_key_value', 'queryKeyValue', width, 3 * width, { bias })
      block.linear('self_attention.dense', 'attentionOut', width, width, { bias })
      block.norm('post_attention_layernorm', width, { bias })
      block.linear('mlp.dense_h_to_4h', 'mlpIn', width, 4 * width, { bias })
      block.linear('mlp.dense_4h_to_h', 'mlpOut', 4 * width, width, { bias })
    }
    transformer.norm('ln_f', width, { bias })
    if (!config.flag('tie_word_embeddings', true))
      model.scope('').linear('lm_head', 'head', width, vocabulary)
    return model
  },
}
