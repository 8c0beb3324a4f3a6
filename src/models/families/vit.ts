/**
 * ViT (Dosovitskiy et al., 2020), with the names, shapes and defaults of transformers' `ViTForImageClassification`,
 * `ViTModel`, `ViTForMaskedImageModeling` and `ViTConfig`. In memory the modules have other names, in whose
 * alphabetical order they are saved.
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
    const width = config.dimension(['hidden_size'], 768)
    const inner = config.dimension(['intermediate_size'], 3072)
    const layers = config.dimension(['num_hidden_layers'], 12, MAX_LAYERS)
    const channels = config.dimension(['num_channels'], 3)
    const [height, breadth] = config.pair('image_size', 224)
    const [patchHeight, patchBreadth] = config.pair('patch_size', 16)
    const patches = Math.floor(height / patchHeight) * Math.floor(breadth / patchBreadth)
    checkHeadDivisibility(width, config.dimension(['num_attention_heads'], 12))
    const queryBias = config.flag('qkv_bias', true)
    const bias = true

    const std = config.initializerRange()
    const model = new Model({ width, layers, std, biasFirst: true })
    if (architecture === 'ViTForImageClassification') {
      const labels = config.entryCount('id2label') ?? config.count(['num_labels'], 2)
      if (labels > 0) model.scope('').linear('classifier', 'dense', width, labels, { bias })
    }
    if (architecture === 'ViTForMaskedImageModeling') {
      const stride = config.dimension(['encoder_stride'], 16)
      model.scope('').convolution('decoder.0', [stride * stride * channels, width, 1, 1], { bias })
    }
    const body = model.scope(architecture === 'ViTModel' ? '' : 'vit')
    // `ViTPreTrainedModel._init_weights`; the bounds are absolute, torch.nn.init.trunc_normal_'s
    const tokens = truncatedNormal({
      std: config.nonNegativeNumber(['initializer_range'], 0.02),
      low: -2,
      high: 2,
    })
    const embeddings = body.scope('embeddings')
    embeddings.tensor('cls_token', 'other', [1, 1, width], tokens)
    if (architecture === 'ViTForMaskedImageModeling') {
      embeddings.tensor('mask_token', 'other', [1, 1, width], zeros())
    }
    const patch = [width, channels, patchHeight, patchBreadth]
    embeddings.convolution('patch_embeddings.projection', patch, { bias })
    embeddings.tensor('position_embeddings', 'positions', [1, patches + 1, width], tokens)
    body.norm('layernorm', width, { bias })
    for (const block of body.eachLayer('encoder.layer', layers)) {
      block.linear('attention.attention.key', 'key', width, width, { bias: queryBias })
      block.linear('attention.output.dense', 'attentionOut', width, width, { bias })
      block.linear('attention.attention.query', 'query', width, width, { bias: queryBias })
      block.linear('attention.attention.value', 'value', width, width, { bias: queryBias })
      block.norm('layernorm_after', width, { bias })
      block.norm('layernorm_before', width, { bias })
      block.linear('intermediate.dense', 'mlpIn', width, inner, { bias })
      block.linear('output.dense', 'mlpOut', inner, width, { bias })
    }
    if (architecture === 'ViTModel') {
      const pooled = config.optionalDimension(['pooler_output_size']) ?? width
      body.linear('pooler.dense', 'dense', width, pooled, { bias })
    }
    return model
  },
}
