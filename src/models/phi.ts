/**
 * Phi-1, 1.5 and 2 (Li et al., 2023), with the names, shapes and defaults of transformers' `PhiForCausalLM` and
 * `PhiConfig`: biases everywhere, the head's among them, which is stored also where its matrix is tied.
 */

import { zeros } from '../strategies.ts'
import type { Config } from './config.ts'
import { attention, decoderSizes } from './decoder.ts'
import type { Family } from './family.ts'
import { Model } from './model.ts'

const DEFAULTS = { vocabulary: 51200, width: 2048, inner: 8192, layers: 24, heads: 32 }

export const phi: Family = {
  type: 'phi',
  architectures: ['PhiForCausalLM'],
  source: 'transformers, modeling_phi.py',
  model(config: Config) {
    const sizes = decoderSizes(config, DEFAULTS)
    const { vocabulary, width, inner, layers, heads, padding } = sizes
    const queryNorms = config.flag('qk_layernorm', false)
    const normed = Math.floor(width / heads) // whatever `head_dim` says
    const bias = true
    const model = new Model({ width, layers, std: config.range() })
    const body = model.at('model')
    body.embedding('embed_tokens', 'tokens', vocabulary, width, { padding })
    for (const block of body.stack('layers', layers)) {
      attention(block.at('self_attn'), sizes, { bias, out: 'dense' })
      if (queryNorms) {
        block.norm('self_attn.q_layernorm', normed, { bias })
        block.norm('self_attn.k_layernorm', normed, { bias })
      }
      block.linear('mlp.fc1', 'mlpIn', width, inner, { bias })
      block.linear('mlp.fc2', 'mlpOut', inner, width, { bias })
      block.norm('input_layernorm', width, { bias })
    }
    body.norm('final_layernorm', width, { bias })
    if (config.flag('tie_word_embeddings', false)) {
      model.at('').tensor('lm_head.bias', 'bias', [vocabulary], zeros())
    } else model.at('').linear('lm_head', 'head', width, vocabulary, { bias })
    return model
  },
}
