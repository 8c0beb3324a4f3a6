/**
 * DeepSeek-V3 (DeepSeek-AI, 2024), with the names, shapes and defaults of transformers' `DeepseekV3ForCausalLM` and
 * `DeepseekV3Config`. Queries, keys and values have low-rank projections, and all layers except the first few have a
 * mixture of experts. As in Mixtral, each expert is stored as its own matrices, and the matrices of one kind share a
 * file. The class does not include the layers for multi-token prediction.
 */

import { normal, zeros } from '../../strategies/elementary.ts'
import type { Config } from '../model-config.ts'
import { checkRotation } from './decoder.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model, type ModuleScope } from '../model-builder.ts'

export const deepseekV3: Family = {
  type: 'deepseek_v3',
  architectures: ['DeepseekV3ForCausalLM'],
  source: 'transformers, modeling_deepseek_v3.py and conversion_mapping.py',
  buildModel(config: Config) {
    const hiddenSize = config.dimension(['hidden_size'], 7168)
    const vocabSize = config.dimension(['vocab_size'], 129280)
    const intermediateSize = config.dimension(['intermediate_size'], 18432)
    const layers = config.dimension(['num_hidden_layers'], 61, MAX_LAYERS)
    const dense = config.count(['first_k_dense_replace'], 3)
    const experts = config.dimension(['num_local_experts', 'n_routed_experts'], 256)
    const expertInner = config.dimension(['moe_intermediate_size'], 2048)
    const sharedInner = expertInner * config.dimension(['n_shared_experts'], 1)
    const std = config.initializerRange()

    // `DeepseekV3PreTrainedModel._init_weights`: experts and router N(0, initializer_range), the correction 0
    const hf = normal({ std: config.nonNegativeNumber(['initializer_range'], 0.02) })
    const mlp = (scope: ModuleScope, size: number) => {
      scope.linear('down_proj', 'mlpOut', size, hiddenSize)
      scope.linear('gate_proj', 'mlpGate', hiddenSize, size)
      scope.linear('up_proj', 'mlpUp', hiddenSize, size)
    }
    const mixture = (scope: ModuleScope) => {
      const matrix = (name: string, role: 'mlpOut' | 'mlpGate' | 'mlpUp', into: number, out: number) => {
        for (let e = 0; e < experts; e++)
          scope.linear(`experts.${e}.${name}`, role, into, out, { defaultInit: hf, group: name })
      }
      matrix('down_proj', 'mlpOut', expertInner, hiddenSize)
      matrix('gate_proj', 'mlpGate', hiddenSize, expertInner)
      matrix('up_proj', 'mlpUp', hiddenSize, expertInner)
      // `_keep_in_fp32_modules_strict`
      scope.tensor('gate.e_score_correction_bias', 'buffer', [experts], zeros(), {
        keepInF32For: ['bf16', 'f16'],
      })
      scope.linear('gate', 'router', hiddenSize, experts, { defaultInit: hf })
      mlp(scope.scope('shared_experts'), sharedInner)
    }
    const attention = createAttentionBuilder(config, hiddenSize)

    const model = new Model({ hiddenSize, layers, std, biasFirst: true })
    if (!config.flag('tie_word_embeddings', false))
      model.scope('').linear('lm_head', 'head', hiddenSize, vocabSize)
    const body = model.scope('model')
    body.embedding('embed_tokens', 'tokens', vocabSize, hiddenSize, {
      paddingIndex: config.paddingIndex(vocabSize),
    })
    let layer = 0
    for (const block of body.eachLayer('layers', layers)) {
      block.norm('input_layernorm', hiddenSize)
      if (layer++ < dense) mlp(block.scope('mlp'), intermediateSize)
      else mixture(block.scope('mlp'))
      block.norm('post_attention_layernorm', hiddenSize)
      attention(block.scope('self_attn'))
    }
    body.norm('norm', hiddenSize)
    return model
  },
}

/** Multi-head latent attention. Queries have a full-rank projection if `q_lora_rank` is null. */
function createAttentionBuilder(config: Config, hiddenSize: number): (scope: ModuleScope) => void {
  const heads = config.dimension(['num_attention_heads'], 128)
  const keyRank = config.dimension(['kv_lora_rank'], 512)
  const queryRank =
    config.optionalDimension(['q_lora_rank']) ?? (config.isNull('q_lora_rank') ? undefined : 1536)
  const rotary = config.dimension(['qk_rope_head_dim'], 64)
  checkRotation(config, rotary, { name: 'qk_rope_head_dim' })
  config.optionalDimension(['num_key_value_heads']) // sets no size, but must divide
  const plain = config.dimension(['qk_nope_head_dim'], 128)
  const valueDim = config.dimension(['v_head_dim'], 128)
  const bias = config.flag('attention_bias', false)
  return (scope) => {
    scope.norm('kv_a_layernorm', keyRank)
    scope.linear('kv_a_proj_with_mqa', 'key', hiddenSize, keyRank + rotary, { bias })
    scope.linear('kv_b_proj', 'value', keyRank, heads * (plain + valueDim))
    scope.linear('o_proj', 'attentionOut', heads * valueDim, hiddenSize, { bias })
    if (queryRank === undefined) scope.linear('q_proj', 'query', hiddenSize, heads * (plain + rotary))
    else {
      scope.norm('q_a_layernorm', queryRank)
      scope.linear('q_a_proj', 'query', hiddenSize, queryRank, { bias })
      scope.linear('q_b_proj', 'query', queryRank, heads * (plain + rotary))
    }
  }
}
