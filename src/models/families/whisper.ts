/**
 * Whisper (Radford et al., 2022), with the names, shapes and defaults of transformers'
 * `WhisperForConditionalGeneration` and `WhisperConfig`. The encoder's position embedding is sinusoidal, stored
 * and not trained.
 */

import { InputError } from '../../errors/simdinit-error.ts'
import { sinusoidal } from '../../strategies/formula-strategies.ts'
import { type Config } from '../model-config.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model, type ModuleScope } from '../model-builder.ts'

export const whisper: Family = {
  type: 'whisper',
  architectures: ['WhisperForConditionalGeneration'],
  source: 'transformers, modeling_whisper.py',
  buildModel(config: Config) {
    const hiddenSize = config.dimension(['hidden_size', 'd_model'], 384)
    const vocabSize = config.dimension(['vocab_size'], 51865)
    const frequencies = config.dimension(['num_mel_bins'], 80)
    const encoderLayers = config.dimension(['num_hidden_layers', 'encoder_layers'], 4, MAX_LAYERS)
    const decoderLayers = config.dimension(['decoder_layers'], 4, MAX_LAYERS)
    for (const names of [['num_attention_heads', 'encoder_attention_heads'], ['decoder_attention_heads']]) {
      const heads = config.dimension(names, 6)
      if (hiddenSize % heads !== 0) {
        throw new InputError(
          `config.json: "d_model" must be a multiple of "${names.at(-1)}" (${heads}); received ${hiddenSize}`,
        )
      }
    }
    const bias = true
    const attention = (scope: ModuleScope) => {
      scope.linear('k_proj', 'key', hiddenSize, hiddenSize)
      scope.linear('v_proj', 'value', hiddenSize, hiddenSize, { bias })
      scope.linear('q_proj', 'query', hiddenSize, hiddenSize, { bias })
      scope.linear('out_proj', 'attentionOut', hiddenSize, hiddenSize, { bias })
    }
    const feedForward = (block: ModuleScope, intermediateSize: number) => {
      block.linear('fc1', 'mlpIn', hiddenSize, intermediateSize, { bias })
      block.linear('fc2', 'mlpOut', intermediateSize, hiddenSize, { bias })
      block.norm('final_layer_norm', hiddenSize, { bias })
    }

    const std = config.initializerRange(['initializer_range', 'init_std'])
    const model = new Model({ hiddenSize, layers: encoderLayers, std })
    const encoder = model.scope('model.encoder', { layers: encoderLayers, stack: 'encoder' })
    encoder.convolution('conv1', [hiddenSize, frequencies, 3], { bias })
    encoder.convolution('conv2', [hiddenSize, hiddenSize, 3], { bias })
    // `WhisperPreTrainedModel._init_weights`
    const frames = config.dimension(['max_source_positions'], 1500)
    encoder.tensor(
      'embed_positions.weight',
      'other',
      [frames, hiddenSize],
      sinusoidal({ arrangement: 'halves' }),
    )
    const encoderInner = config.dimension(['encoder_ffn_dim'], 1536)
    for (const block of encoder.eachLayer('layers', encoderLayers)) {
      attention(block.scope('self_attn'))
      block.norm('self_attn_layer_norm', hiddenSize, { bias })
      feedForward(block, encoderInner)
    }
    encoder.norm('layer_norm', hiddenSize, { bias })

    const decoder = model.scope('model.decoder', { layers: decoderLayers, stack: 'decoder' })
    const padding = config.paddingIndex(vocabSize, 50256)
    decoder.embedding('embed_tokens', 'tokens', vocabSize, hiddenSize, { paddingIndex: padding })
    const positions = config.dimension(['max_target_positions'], 448)
    decoder.embedding('embed_positions', 'positions', positions, hiddenSize)
    const decoderInner = config.dimension(['decoder_ffn_dim'], 1536)
    for (const block of decoder.eachLayer('layers', decoderLayers)) {
      attention(block.scope('self_attn'))
      block.norm('self_attn_layer_norm', hiddenSize, { bias })
      attention(block.scope('encoder_attn'))
      block.norm('encoder_attn_layer_norm', hiddenSize, { bias })
      feedForward(block, decoderInner)
    }
    decoder.norm('layer_norm', hiddenSize, { bias })
    if (!config.flag('tie_word_embeddings', true))
      model.scope('').linear('proj_out', 'head', hiddenSize, vocabSize)
    return model
  },
}
