/**
 * Mixtral of experts (Jiang et al., 2024), with the names, shapes and defaults of transformers' `MixtralForCausalLM`
 * and `MixtralConfig`. In memory the experts of a layer are two tensors; saved, they are matrices of their own, those
 * of a kind (w2, w1, w3) one after the other and never in different files.
 */

import { normal } from '../strategies.ts'
import type { Config } from './config.ts'
import { decoderSizes } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from './model.ts'

const DEFAULTS = { vocabulary: 32000, width: 4096, inner: 14336, layers: 32, heads: 32, keyHeads: 8 }

export const mixtral: Family = {
  type: 'mixtral',
  architectures: ['MixtralForCausalLM'],
  source: 'transformers, modeling_mixtral.py and conversion_mapping.py',
  model(config: Config) {
    const { vocabulary, width, inner, layers, heads, keyHeads, headDim, padding } = decoderSizes(
      config,
      DEFAULTS,
    )
    const experts = config.dimension(['num_experts', 'num_local_experts'], 8)
    const model = new Model({ width, layers, std: config.range() })
    if (!config.flag('tie_word_embeddings', false)) model.at('').linear('lm_head', 'head', width, vocabulary)
    const body = model.at('model')
    body.embedding('embed_tokens', 'tokens', vocabulary, width, { padding })
    // `MixtralPreTrainedModel._init_weights`: experts and router N(0, initializer_range)
    const hf = normal({ std: config.deviation(['initializer_range'], 0.02) })
    for (const block of body.stack('layers', layers)) {
      block.norm('input_layernorm', width)
      const moe = block.at('block_sparse_moe')
      const matrix = (name: string, role: 'mlpOut' | 'mlpGate' | 'mlpUp', into: number, out: number) => {
        for (let e = 0; e < experts; e++)
          moe.linear(`experts.${e}.${name}`, role, into, out, { hf, group: name })
      }
      matrix('w2', 'mlpOut', inner, width)
      matrix('w1', 'mlpGate', width, inner)
      matrix('w3', 'mlpUp', width, inner)
      moe.linear('gate', 'router', width, experts, { hf })
      block.norm('post_attention_layernorm', width)
      const attention = block.at('self_attn')
      attention.linear('k_proj', 'key', width, keyHeads * headDim)
      attention.linear('o_proj', 'attentionOut', heads * headDim, width)
      attention.linear('q_proj', 'query', width, heads * headDim)
      attention.linear('v_proj', 'value', width, keyHeads * headDim)
    }
    body.norm('norm', width)
    return model
  },
}
