/**
 * Mamba (Gu and Dao, 2023), with the names, shapes and defaults of transformers' `MambaForCausalLM` and
 * `MambaConfig`. `vocab_size` is used unchanged: `pad_vocab_size_multiple` belongs to mamba_ssm, and transformers
 * ignores it. With `rescale_prenorm_residual`, transformers 5.18 divides `out_proj` again each time it loads a
 * checkpoint.
 */

import { InputError } from '../../errors/simdinit-error.ts'
import { mambaDtBias, logArange } from '../../strategies/formula-strategies.ts'
import { constant, ones, uniform } from '../../strategies/elementary.ts'
import { varianceScaling } from '../../strategies/variance-scaling.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import { type Config } from '../model-config.ts'
import { MAX_LAYERS, type Family } from './family.ts'
import { Model } from '../model-builder.ts'

/** torch.nn.init.kaiming_uniform_(a = sqrt(5)): U(±gain / sqrt(fanIn)). */
const pytorchDefaultUniform = (gain = 1) => varianceScaling({ scale: 1 / 3, distribution: 'uniform', gain })

export const mamba: Family = {
  type: 'mamba',
  architectures: ['MambaForCausalLM'],
  source: 'transformers, modeling_mamba.py',
  buildModel(config: Config) {
    const hiddenSize = config.dimension(['hidden_size'], 768)
    const vocabSize = config.dimension(['vocab_size'], 50280)
    const layers = config.dimension(['num_hidden_layers'], 32, MAX_LAYERS)
    const expand = config.dimension(['expand'], 2)
    const intermediateSize = config.dimension(['intermediate_size'], hiddenSize * expand)
    const states = config.dimension(['state_size'], 16)
    const kernel = config.dimension(['conv_kernel'], 4)
    const rank = readTimeStepRank(config, hiddenSize)
    const bias = config.flag('use_bias', false)
    const convBias = config.flag('use_conv_bias', true)
    const steps = readTimeStepInit(config, rank)
    const isRescaled = config.flag('rescale_prenorm_residual', false)

    const model = new Model({ hiddenSize, layers, std: config.initializerRange(['initializer_range'], 0.1) })
    const backbone = model.scope('backbone')
    backbone.embedding('embeddings', 'tokens', vocabSize, hiddenSize)
    // `MambaPreTrainedModel._init_weights` and `MambaMixer.init_mamba_weights`
    for (const block of backbone.eachLayer('layers', layers)) {
      block.norm('norm', hiddenSize)
      const mixer = block.scope('mixer')
      mixer.tensor('A_log', 'other', [intermediateSize, states], logArange())
      mixer.tensor('D', 'other', [intermediateSize], ones())
      mixer.convolution('conv1d', [intermediateSize, 1, kernel], {
        bias: convBias,
        defaultInit: pytorchDefaultUniform(),
      })
      mixer.linear('in_proj', 'dense', hiddenSize, 2 * intermediateSize, { bias })
      mixer.linear('x_proj', 'dense', intermediateSize, rank + 2 * states)
      mixer.linear('dt_proj', 'dense', rank, intermediateSize, { defaultInit: steps.weight })
      mixer.tensor('dt_proj.bias', 'other', [intermediateSize], steps.bias)
      const out = pytorchDefaultUniform(isRescaled ? 1 / Math.sqrt(layers) : 1)
      mixer.linear('out_proj', 'dense', intermediateSize, hiddenSize, { bias, defaultInit: out })
    }
    backbone.norm('norm_f', hiddenSize)
    if (!config.flag('tie_word_embeddings', true))
      model.scope('').linear('lm_head', 'head', hiddenSize, vocabSize)
    return model
  },
}

function readTimeStepRank(config: Config, hiddenSize: number): number {
  const auto = Math.ceil(hiddenSize / 16)
  return config.equals('time_step_rank', 'auto') ? auto : config.dimension(['time_step_rank'], auto)
}

function readTimeStepInit(config: Config, rank: number): { weight: Strategy; bias: Strategy } {
  const bound = config.nonNegativeNumber(['time_step_scale'], 1) / Math.sqrt(rank)
  const scheme = config.choice('time_step_init_scheme', ['random', 'constant'], 'random')
  const low = config.nonNegativeNumber(['time_step_min'], 0.001)
  const high = config.nonNegativeNumber(['time_step_max'], 0.1)
  const floor = config.nonNegativeNumber(['time_step_floor'], 1e-4)
  if (!(low > 0 && low < high && floor > 0)) {
    throw new InputError(
      `config.json: "time_step_min" must be a number above 0 and below "time_step_max" (${high}); received ${low}`,
    )
  }
  const isConstant = scheme === 'constant' || bound === 0
  return {
    weight: isConstant ? constant({ value: bound }) : uniform({ low: -bound, high: bound }),
    bias: mambaDtBias({ low, high, floor }),
  }
}
