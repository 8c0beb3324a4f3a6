/**
 * GPT-2 (Radford et al., "Language models are unsupervised multitask learners", 2019), with the names, shapes
 * and defaults of transformers' `GPT2LMHeadModel` and `GPT2Config`. Its Conv1D stores weights [in, out].
 * The head is tied to the embedding and not stored, unless the config unties it.
 */

import { normal, ones, residualNormal, zeros } from '../strategies.ts'
import { InputError, type Config } from './config.ts'
import type { Family, Parameter } from './family.ts'

const MAX_LAYERS = 10_000

function sizes(config: Config) {
  const embedding = config.dimension(['n_embd', 'hidden_size'], 768)
  return {
    vocabulary: config.dimension(['vocab_size'], 50257),
    positions: config.dimension(['n_positions', 'max_position_embeddings'], 1024),
    embedding,
    inner: config.dimension(['n_inner'], 4 * embedding),
    heads: config.dimension(['n_head', 'num_attention_heads'], 12),
    layers: config.dimension(['n_layer', 'num_hidden_layers'], 12, MAX_LAYERS),
  }
}

function parameters(config: Config): Parameter[] {
  const { vocabulary, positions, embedding, inner, heads, layers } = sizes(config)
  if (embedding % heads !== 0) {
    throw new InputError(`config.json: "n_embd" expected a multiple of "n_head" (${heads}), got ${embedding}`)
  }
  if (config.flag('add_cross_attention', false)) {
    throw new InputError('config.json: "add_cross_attention" expected false, got true')
  }
  const list: Parameter[] = []
  const matrix = (name: string, into: number, out: number) => {
    list.push({ name: `${name}.weight`, shape: [into, out], layout: 'io' })
    list.push({ name: `${name}.bias`, shape: [out], layout: 'io' })
  }
  const norm = (name: string) => {
    list.push({ name: `${name}.weight`, shape: [embedding], layout: 'oi' })
    list.push({ name: `${name}.bias`, shape: [embedding], layout: 'oi' })
  }
  list.push({ name: 'transformer.wte.weight', shape: [vocabulary, embedding], layout: 'oi' })
  list.push({ name: 'transformer.wpe.weight', shape: [positions, embedding], layout: 'oi' })
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.h.${layer}`
    norm(`${block}.ln_1`)
    matrix(`${block}.attn.c_attn`, embedding, 3 * embedding)
    matrix(`${block}.attn.c_proj`, embedding, embedding)
    norm(`${block}.ln_2`)
    matrix(`${block}.mlp.c_fc`, embedding, inner)
    matrix(`${block}.mlp.c_proj`, inner, embedding)
  }
  norm('transformer.ln_f')
  if (!config.flag('tie_word_embeddings', true)) {
    list.push({ name: 'lm_head.weight', shape: [vocabulary, embedding], layout: 'oi' })
  }
  return list
}

export const gpt2: Family = {
  type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  parameters,
  layers: (config) => sizes(config).layers,
  recipes: {
    /**
     * transformers, modeling_gpt2.py, `GPT2PreTrainedModel._init_weights`: N(0, initializer_range), residual
     * projections divided by sqrt(2 n_layer), biases 0, layer norms 1. (Released versions of transformers 5
     * fail to apply the rule for c_proj, huggingface/transformers#47458; this is what it is meant to do.)
     */
    hf: (config) => {
      const std = config.deviation(['initializer_range'], 0.02)
      return {
        format: 1,
        rules: [
          { match: '**.c_proj.weight', strategy: residualNormal({ std }) },
          { match: '**.bias', strategy: zeros() },
          { match: '**.ln_*.weight', strategy: ones() },
          { match: 'transformer.wte.weight', strategy: normal({ std }) },
          { match: 'transformer.wpe.weight', strategy: normal({ std }) },
          { match: '**.c_attn.weight', strategy: normal({ std }) },
          { match: '**.c_fc.weight', strategy: normal({ std }) },
          { match: 'lm_head.weight', strategy: normal({ std }) },
        ],
      }
    },
  },
}
