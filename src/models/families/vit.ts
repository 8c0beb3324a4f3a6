/**
 * ViT (Dosovitskiy et al., 2020), with the names, shapes and defaults of transformers' `ViTForImageClassification`,
 * `ViTModel`, `ViTForMaskedImageModeling` and `ViTConfig`. Tensors are saved in the alphabetical order of
 * the names that the modules have in memory.
 */

import { truncatedNormal, zeros } from '../../strategies/elementary.ts'
import type { Config } from '../model-config.ts'
import { checkHeadDivisibility } from './decoder.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model } from '../model-builder.ts'

export const vit: Family = {
  type: 'vit',
  architectures: ['ViTForImageClassification', 'ViTModel', 'ViTForMaskedImageModeling'],
  source: 'transformers, modeling_vit.py and conversion_mapping.py',
  buildModel(config: Config, architecture: string) {
    const hiddenSize = config.dimension(['hidden_size'], 768)
    const intermediateSize = config.dimension(['intermediate_size'], 3072)
    const layers = config.dimension(['num_hidden_layers'], 12, MAX_LAYERS)
    const channels = config.dimension(['num_channels'], 3)
    const [height, width] = config.pair('image_size', 224)
    const [patchHeight, patchWidth] = config.pair('patch_size', 16)
    const patches = Math.floor(height / patchHeight) * Math.floor(width / patchWidth)
    const heads = config.dimension(['num_attention_heads'], 12)
    checkHeadDivisibility(hiddenSize, heads)
    const inner = heads * (config.optionalDimension(['head_dim']) ?? hiddenSize / heads)
    const queryBias = config.flag('qkv_bias', true)
    const bias = true

    const std = config.initializerRange()
    const model = new Model({ hiddenSize, layers, std, biasFirst: true })
    if (architecture === 'ViTForImageClassification') {
      // of two different numbers, transformers takes `num_labels`
      const labels = config.count(['num_labels'], config.entryCount('id2label') ?? 2)
      if (labels > 0) model.scope('').linear('classifier', 'dense', hiddenSize, labels, { bias })
    }
    if (architecture === 'ViTForMaskedImageModeling') {
      const stride = config.dimension(['encoder_stride'], 16)
      model.scope('').convolution('decoder.0', [stride * stride * channels, hiddenSize, 1, 1], { bias })
    }
    const body = model.scope(architecture === 'ViTModel' ? '' : 'vit')
    // `ViTPreTrainedModel._init_weights`; the bounds are absolute, torch.nn.init.trunc_normal_'s
    const tokens = truncatedNormal({
      std: config.nonNegativeNumber(['initializer_range'], 0.02),
      low: -2,
      high: 2,
    })
    const embeddings = body.scope('embeddings')
    embeddings.tensor('cls_token', 'other', [1, 1, hiddenSize], tokens)
    if (architecture === 'ViTForMaskedImageModeling') {
      embeddings.tensor('mask_token', 'other', [1, 1, hiddenSize], zeros())
    }
    const patch = [hiddenSize, channels, patchHeight, patchWidth]
    embeddings.convolution('patch_embeddings.projection', patch, { bias })
    embeddings.tensor('position_embeddings', 'positions', [1, patches + 1, hiddenSize], tokens)
    body.norm('layernorm', hiddenSize, { bias })
    for (const block of body.eachLayer('encoder.layer', layers)) {
      block.linear('attention.attention.key', 'key', hiddenSize, inner, { bias: queryBias })
      block.linear('attention.output.dense', 'attentionOut', inner, hiddenSize, { bias })
      block.linear('attention.attention.query', 'query', hiddenSize, inner, { bias: queryBias })
      block.linear('attention.attention.value', 'value', hiddenSize, inner, { bias: queryBias })
      block.norm('layernorm_after', hiddenSize, { bias })
      block.norm('layernorm_before', hiddenSize, { bias })
      block.linear('intermediate.dense', 'mlpIn', hiddenSize, intermediateSize, { bias })
      block.linear('output.dense', 'mlpOut', intermediateSize, hiddenSize, { bias })
    }
    if (architecture === 'ViTModel') {
      const pooled = config.optionalDimension(['pooler_output_size']) ?? hiddenSize
      body.linear('pooler.dense', 'dense', hiddenSize, pooled, { bias })
    }
    return model
  },
}
