/**
 * GPT-2 (Radford et al., "Language models are unsupervised multitask learners", 2019), with the names, shapes
 * and defaults of transformers' `GPT2LMHeadModel` and `GPT2Config`. Its Conv1D stores weights [in, out].
 * The head is tied to the embedding and not stored, unless the config unties it.
 */

import { InputError } from '../../errors/simdinit-error.ts'
import { normal } from '../../strategies/elementary.ts'
import { residualNormal } from '../../strategies/transformer-scaling.ts'
import { type Config } from '../model-config.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model } from '../model-builder.ts'

export const gpt2: Family = {
  type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  source: 'transformers, modeling_gpt2.py',
  buildModel(config: Config) {
    const hiddenSize = config.dimension(['hidden_size', 'n_embd'], 768)
    const vocabSize = config.dimension(['vocab_size'], 50257)
    const positions = config.dimension(['max_position_embeddings', 'n_positions'], 1024)
    const intermediateSize = config.optionalDimension(['n_inner']) ?? 4 * hiddenSize
    const heads = config.dimension(['num_attention_heads', 'n_head'], 12)
    const layers = config.dimension(['num_hidden_layers', 'n_layer'], 12, MAX_LAYERS)
    if (hiddenSize % heads !== 0) {
      throw new InputError(
        `config.json: "n_embd" must be a multiple of "n_head" (${heads}); received ${hiddenSize}`,
      )
    }
    if (config.flag('add_cross_attention', false)) {
      throw new InputError('config.json: "add_cross_attention" must be false; received true')
    }

    const model = new Model({ hiddenSize, layers, std: config.initializerRange() })
    const transformer = model.scope('transformer')
    transformer.embedding('wte', 'tokens', vocabSize, hiddenSize)
    transformer.embedding('wpe', 'positions', positions, hiddenSize)
    // `GPT2PreTrainedModel._init_weights`: Conv1D like any linear layer, the std of `c_proj` divided by sqrt(2 n_layer)
    const std = config.nonNegativeNumber(['initializer_range'], 0.02)
    const conv1d = { bias: true, layout: 'io', defaultInit: normal({ std }) } as const
    const residual = { ...conv1d, defaultInit: residualNormal({ std, layers }) }
    for (const block of transformer.eachLayer('h', layers)) {
      block.norm('ln_1', hiddenSize, { bias: true })
      block.linear('attn.c_attn', 'queryKeyValue', hiddenSize, 3 * hiddenSize, conv1d)
      block.linear('attn.c_proj', 'attentionOut', hiddenSize, hiddenSize, residual)
      block.norm('ln_2', hiddenSize, { bias: true })
      block.linear('mlp.c_fc', 'mlpIn', hiddenSize, intermediateSize, conv1d)
      block.linear('mlp.c_proj', 'mlpOut', intermediateSize, hiddenSize, residual)
    }
    transformer.norm('ln_f', hiddenSize, { bias: true })
    if (!config.flag('tie_word_embeddings', true))
      model.scope('').linear('lm_head', 'head', hiddenSize, vocabSize)
    return model
  },
}
