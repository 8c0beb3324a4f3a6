/**
 * OPT (Zhang et al., 2022), with the names, shapes and defaults of transformers' `OPTForCausalLM` and `OPTConfig`.
 * The position embedding has two extra rows at the start. The 350M model has embeddings narrower than its layers.
 */

import type { Config } from '../model-config.ts'
import { checkHeadDivisibility } from './decoder.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model, type ModuleScope } from '../model-builder.ts'

/** `OPTLearnedPositionalEmbedding.offset`. */
const POSITION_OFFSET = 2

export const opt: Family = {
  type: 'opt',
  architectures: ['OPTForCausalLM'],
  source: 'transformers, modeling_opt.py',
  buildModel(config: Config) {
    const hiddenSize = config.dimension(['hidden_size'], 768)
    const vocabSize = config.dimension(['vocab_size'], 50272)
    const intermediateSize = config.dimension(['ffn_dim'], 3072)
    const layers = config.dimension(['num_hidden_layers'], 12, MAX_LAYERS)
    const positions = config.dimension(['max_position_embeddings'], 2048)
    const embeddingSize = config.optionalDimension(['word_embed_proj_dim']) ?? hiddenSize
    checkHeadDivisibility(hiddenSize, config.dimension(['num_attention_heads'], 12))
    const bias = config.flag('enable_bias', true)
    const affine = config.flag('layer_norm_elementwise_affine', true)
    const norm = (scope: ModuleScope, name: string) => affine && scope.norm(name, hiddenSize, { bias: true })

    const model = new Model({
      hiddenSize,
      layers,
      std: config.initializerRange(['initializer_range', 'init_std']),
    })
    const decoder = model.scope('model.decoder')
    decoder.embedding('embed_tokens', 'tokens', vocabSize, embeddingSize, {
      paddingIndex: config.paddingIndex(vocabSize, 1),
    })
    decoder.embedding('embed_positions', 'positions', positions + POSITION_OFFSET, hiddenSize)
    if (embeddingSize !== hiddenSize) {
      decoder.linear('project_out', 'dense', hiddenSize, embeddingSize)
      decoder.linear('project_in', 'dense', embeddingSize, hiddenSize)
    }
    const isPreNorm = config.flag('do_layer_norm_before', true)
    if (isPreNorm && !config.flag('_remove_final_layer_norm', false)) norm(decoder, 'final_layer_norm')
    for (const block of decoder.eachLayer('layers', layers)) {
      block.linear('self_attn.k_proj', 'key', hiddenSize, hiddenSize, { bias })
      block.linear('self_attn.v_proj', 'value', hiddenSize, hiddenSize, { bias })
      block.linear('self_attn.q_proj', 'query', hiddenSize, hiddenSize, { bias })
      block.linear('self_attn.out_proj', 'attentionOut', hiddenSize, hiddenSize, { bias })
      norm(block, 'self_attn_layer_norm')
      block.linear('fc1', 'mlpIn', hiddenSize, intermediateSize, { bias })
      block.linear('fc2', 'mlpOut', intermediateSize, hiddenSize, { bias })
      norm(block, 'final_layer_norm')
    }
    if (!config.flag('tie_word_embeddings', true))
      model.scope('').linear('lm_head', 'head', embeddingSize, vocabSize)
    return model
  },
}
