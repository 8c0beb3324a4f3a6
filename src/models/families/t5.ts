/**
 * T5 (Raffel et al., 2020), T5 v1.1 and mT5 (Xue et al., 2021), with the names, shapes and defaults of transformers'
 * `T5ForConditionalGeneration`, `MT5ForConditionalGeneration` and their configs. Since version 5, the embeddings
 * and the head are always tied. Positions are attention biases in the first layer of each stack.
 */

import { constant, normal, type NormalStrategy } from '../../strategies/elementary.ts'
import { ACTIVATIONS } from '../config-fields.ts'
import type { Config } from '../model-config.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model, type ModuleScope } from '../model-builder.ts'

interface T5Defaults {
  readonly vocabSize: number
  readonly intermediateSize: number
  readonly layers: number
  readonly heads: number
  readonly activation: string
}

/** `T5PreTrainedModel._init_weights`: the std of a matrix depends on its fan-in, times `initializer_factor`. */
function buildT5Model(config: Config, defaults: T5Defaults): Model {
  const hiddenSize = config.dimension(['hidden_size', 'd_model'], 512)
  const vocabSize = config.dimension(['vocab_size'], defaults.vocabSize)
  const headDim = config.dimension(['head_dim', 'd_kv'], 64)
  const intermediateSize = config.dimension(['d_ff'], defaults.intermediateSize)
  const heads = config.dimension(['num_attention_heads', 'num_heads'], defaults.heads)
  const layers = config.dimension(['num_hidden_layers', 'num_layers'], defaults.layers, MAX_LAYERS)
  const decoderLayers =
    config.optionalDimension(['num_decoder_layers'], MAX_LAYERS) ??
    config.dimension(['num_layers'], defaults.layers, MAX_LAYERS) // `num_hidden_layers` is the encoder's alone
  const buckets = config.dimension(['relative_attention_num_buckets'], 32)
  const factor = config.nonNegativeNumber(['initializer_factor'], 1)
  const projections = ACTIVATIONS.flatMap((name) => [name, `gated-${name}`])
  const gated = config.choice('feed_forward_proj', projections, defaults.activation).startsWith('gated-')

  const scaled = (fan: number): { defaultInit: NormalStrategy } => ({
    defaultInit: normal({ std: factor / Math.sqrt(fan) }),
  })
  const norm = (scope: ModuleScope) =>
    scope.norm('layer_norm', hiddenSize, { defaultInit: constant({ value: factor }) })
  const attention = (scope: ModuleScope, positions: boolean) => {
    scope.linear('q', 'query', hiddenSize, heads * headDim, scaled(hiddenSize * headDim))
    scope.linear('k', 'key', hiddenSize, heads * headDim, scaled(hiddenSize))
    scope.linear('v', 'value', hiddenSize, heads * headDim, scaled(hiddenSize))
    scope.linear('o', 'attentionOut', heads * headDim, hiddenSize, scaled(heads * headDim))
    if (positions) scope.embedding('relative_attention_bias', 'positions', buckets, heads, scaled(hiddenSize))
  }
  const feedForward = (scope: ModuleScope) => {
    const inputs = gated ? (['wi_0', 'wi_1'] as const) : (['wi'] as const)
    for (const name of inputs) {
      const role = ({ wi: 'mlpIn', wi_0: 'mlpGate', wi_1: 'mlpUp' } as const)[name]
      scope.linear(name, role, hiddenSize, intermediateSize, scaled(hiddenSize))
    }
    scope.linear('wo', 'mlpOut', intermediateSize, hiddenSize, {
      ...scaled(intermediateSize),
      keepInF32For: ['f16'],
    }) // `_keep_in_fp32_modules`
  }

  const model = new Model({ hiddenSize, layers, std: factor })
  model
    .scope('')
    .embedding('shared', 'tokens', vocabSize, hiddenSize, { defaultInit: normal({ std: factor }) })
  for (const part of ['encoder', 'decoder'] as const) {
    const count = part === 'encoder' ? layers : decoderLayers
    const stack = model.scope(part, { layers: count, stack: part })
    let first = true
    for (const block of stack.eachLayer('block', count)) {
      attention(block.scope('layer.0.SelfAttention'), first)
      norm(block.scope('layer.0'))
      if (part === 'decoder') {
        attention(block.scope('layer.1.EncDecAttention'), false)
        norm(block.scope('layer.1'))
      }
      const last = block.scope(part === 'encoder' ? 'layer.1' : 'layer.2')
      feedForward(last.scope('DenseReluDense'))
      norm(last)
      first = false
    }
    stack.norm('final_layer_norm', hiddenSize, { defaultInit: constant({ value: factor }) })
  }
  return model
}

export const t5: Family = {
  type: 't5',
  architectures: ['T5ForConditionalGeneration'],
  source: 'transformers, modeling_t5.py',
  buildModel: (config) =>
    buildT5Model(config, {
      vocabSize: 32128,
      intermediateSize: 2048,
      layers: 6,
      heads: 8,
      activation: 'relu',
    }),
}

export const mt5: Family = {
  type: 'mt5',
  architectures: ['MT5ForConditionalGeneration'],
  source: 'transformers, modeling_mt5.py',
  buildModel: (config) =>
    buildT5Model(config, {
      vocabSize: 250112,
      intermediateSize: 1024,
      layers: 8,
      heads: 6,
      activation: 'gated-gelu',
    }),
}
