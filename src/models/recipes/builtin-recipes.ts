/**
 * The recipes that have a name, each a rule from what a tensor is (its role, and where it stands) to a strategy, with
 * its source and the families that the source is about. Where no norm is said it is as in `hf`: 1, or what stands for
 * it; where no bias is said it is 0.
 */

import { InputError } from '../../errors/simdinit-error.ts'
import { formatValue } from '../../errors/validate.ts'
import {
  deepNormGain,
  mupNormal,
  residualNormal,
  smallInitNormal,
  tFixupGain,
  wangNormal,
} from '../../strategies/transformer-scaling.ts'
import { normal, truncatedNormal, zeros } from '../../strategies/elementary.ts'
import { xavierNormal, xavierUniform } from '../../strategies/variance-scaling.ts'
import { zeroRows } from '../../strategies/zero-rows.ts'
import type { BaseStrategy } from '../../strategies/registry.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import type { Family } from '../families/family.ts'
import type { Model, Parameter, Role } from '../model-builder.ts'

/** Undefined where the recipe has no rule. `argument` is the number behind the colon of `mup:256`. */
type RoleRule = (parameter: Parameter, model: Model, argument: number) => Strategy | undefined

export interface BuiltinRecipe {
  readonly name: string
  readonly source: string
  /** `model_type` of each family that it has rules for, or all. */
  readonly families: readonly string[] | 'all'
  /** What is said behind a colon, if anything must be: `mup:256`. */
  readonly argument?: string
}

const hf: RoleRule = (p) => p.defaultInit

/** N(0, 0.02), positions N(0, 0.01), and the projections into the residual sum divided by sqrt(2 layers). */
const gpt2Paper: RoleRule = (p) => {
  if (p.role === 'positions') return normal({ std: 0.01 })
  if (isResidualOutput(p)) return residualNormal({ std: 0.02, layers: p.position.layers })
  return isWeight(p) ? normal({ std: 0.02 }) : undefined
}

/** `init_method` N(0, std), and `output_layer_init_method` divided by sqrt(2 layers). */
const megatron: RoleRule = (p, { std }) => {
  if (isResidualOutput(p)) return residualNormal({ std, layers: p.position.layers })
  return isWeight(p) ? normal({ std }) : undefined
}

/** As Megatron, hidden matrices divided by the root of how much wider the model is than `baseWidth`. */
const mup: RoleRule = (p, { std, hiddenSize: width }, baseWidth) => {
  if (isEmbedding(p) || p.role === 'head') return normal({ std })
  if (isResidualOutput(p)) return mupNormal({ std: std / Math.sqrt(2 * p.position.layers), width, baseWidth })
  return isWeight(p) ? mupNormal({ std, width, baseWidth }) : undefined
}

/** `small_init`, and `wang_init` for the projections into the residual sum. */
const gptNeoX: RoleRule = (p, { hiddenSize: width }) => {
  if (isResidualOutput(p)) return wangNormal({ width, layers: p.position.layers })
  return isWeight(p) ? smallInitNormal({ width }) : undefined
}

/** 1 / sqrt(width), or the fan in of the feed-forward's end; what ends in a residual sum smaller the deeper. Cut at 3. */
const olmoMitchell: RoleRule = (p, { hiddenSize: width }) => {
  const depth = 2 * ((p.position.layer ?? 0) + 1)
  if (p.role === 'attentionOut') return truncateAt3Std(1 / Math.sqrt(width * depth))
  if (p.role === 'mlpOut') return truncateAt3Std(1 / Math.sqrt(p.shape[1] * depth))
  return isWeight(p) ? truncateAt3Std(1 / Math.sqrt(width)) : undefined
}

/**
 * Embeddings N(0, 1), or as the head where the two are one; 0.02 into a part of a layer, smaller the deeper out of it.
 * The bounds of trunc_normal_ are absolute there, +-2, but the head's.
 */
const torchtitan: RoleRule = (p, { hiddenSize: width, parameters }) => {
  const tied = p.role === 'tokens' && !parameters.find(({ role }) => role === 'head')
  if (p.role === 'head' || tied) return truncateAt3Std(1 / Math.sqrt(width))
  if (p.role === 'tokens') return normal({ std: 1 })
  const deeper = isResidualOutput(p) || p.role === 'mlpUp' || p.role === 'router'
  if (!deeper && !isWeight(p)) return undefined
  const std = deeper ? 0.02 / Math.sqrt(2 * ((p.position.layer ?? 0) + 1)) : 0.02
  return truncatedNormal({ std, low: -2, high: 2 })
}

/** Xavier, with a gain by depth for values, what attention gives out and the feed-forward part. */
const deepNet: RoleRule = (p, model) => {
  if (p.role === 'query' || p.role === 'key') return xavierNormal()
  if (p.role === 'value' || isResidualOutput(p) || isMlpInput(p))
    return xavierNormal({ gain: deepNormGain(getStackDepths(p, model)) })
  if (p.role === 'tokens') return zeroPaddingRow(p, normal({ std: 1 / Math.sqrt(p.shape[1]) }))
  return isWeight(p) ? p.defaultInit : undefined // what the paper does not name
}

/** As DeepNet with gains of its own, which embeddings have too. */
const tFixup: RoleRule = (p, model) => {
  const { layers, stack = 'encoder' } = p.position
  if (p.role === 'query' || p.role === 'key') return xavierUniform()
  if (p.role === 'value' || isResidualOutput(p) || isMlpInput(p))
    return xavierUniform({ gain: tFixupGain({ layers, stack: stack }) })
  if (p.role === 'tokens') {
    const gain = tFixupGain({ layers: model.layers, stack: 'decoder' }) // (9 layers)^-1/4, for both halves
    return zeroPaddingRow(p, normal({ std: gain / Math.sqrt(p.shape[1]) }))
  }
  return isWeight(p) ? p.defaultInit : undefined
}

/** Every matrix and embedding cut at two standard deviations. */
const bertOriginal: RoleRule = (p, { std }) => (isWeight(p) ? truncatedNormal({ std, sigmas: 2 }) : undefined)

const MEGATRON_GPT_FAMILIES = ['gpt2', 'llama', 'mistral', 'mixtral', 'qwen2', 'deepseek_v3']

const BUILTIN_RECIPES: readonly (BuiltinRecipe & { readonly rule: RoleRule })[] = [
  {
    name: 'hf',
    source: "what transformers' _init_weights is meant to do, family by family",
    families: 'all',
    rule: hf,
  },
  {
    name: 'gpt2-paper',
    source: 'Radford et al. 2019, section 2.3, and openai/gpt-2, src/model.py',
    families: ['gpt2'],
    rule: gpt2Paper,
  },
  {
    name: 'megatron',
    source: 'NVIDIA/Megatron-LM, core/transformer/transformer_config.py, models GPT and BERT',
    families: [...MEGATRON_GPT_FAMILIES, 'bert'],
    rule: megatron,
  },
  {
    name: 'gpt-neox',
    source: 'Black et al. 2022, section 3; EleutherAI/gpt-neox, small_init and wang_init',
    families: ['gpt_neox'],
    rule: gptNeoX,
  },
  {
    name: 'olmo-mitchell',
    source: 'Groeneveld et al. 2024; allenai/OLMo, olmo/model.py, InitFnType.mitchell and its Llama block',
    families: ['llama'],
    rule: olmoMitchell,
  },
  {
    name: 'torchtitan',
    source: 'pytorch/torchtitan, models/llama3, models/qwen3 and models/deepseek_v3',
    families: ['llama', 'qwen3', 'deepseek_v3'],
    rule: torchtitan,
  },
  {
    name: 'deepnet',
    source:
      'Wang et al. 2022 (DeepNet), figure 2 and table 1; microsoft/torchscale. The model must scale its residuals',
    families: ['bert', 'opt', 't5', 'mt5'],
    rule: deepNet,
  },
  {
    name: 't-fixup',
    source:
      'Huang et al. 2020 (T-Fixup), section 3.3; layer6ai-labs/T-Fixup. The norms must be taken out of the model',
    families: ['t5', 'mt5'],
    rule: tFixup,
  },
  {
    name: 'mup',
    source:
      'Yang et al. 2022 (Tensor Programs V), table 8; NVIDIA/Megatron-LM, core/transformer/transformer_config.py',
    families: MEGATRON_GPT_FAMILIES,
    argument: 'base width',
    rule: mup,
  },
  {
    name: 'bert-original',
    source: 'Devlin et al. 2018; google-research/bert, modeling.py, create_initializer',
    families: ['bert'],
    rule: bertOriginal,
  },
]

/** What `simdinit recipes` tells of the recipes that have a name. */
export const RECIPES: readonly BuiltinRecipe[] = BUILTIN_RECIPES.map(({ rule: _, ...recipe }) => recipe)

/** The names of the recipes that a family has. */
export function listRecipes({ type }: Family): string[] {
  return RECIPES.filter(({ families }) => families === 'all' || families.includes(type)).map(
    ({ name }) => name,
  )
}

/**
 * The strategies of a recipe by name (`mup:256` with its argument) for a model of the family. Throws an InputError for
 * a name that there is not, and for a family that the recipe has no source for.
 */
export function resolveBuiltinRecipe(
  text: string,
  family: Family,
  model: Model,
): (parameter: Parameter) => Strategy {
  const [name, argument] = text.split(/:(.*)/s)
  const recipe = BUILTIN_RECIPES.find((r) => r.name === name)
  if (!recipe) {
    const known = BUILTIN_RECIPES.map((r) => r.name).join(', ')
    throw new InputError(`"recipe" must be one of ${known} or a JSON file; received ${formatValue(text)}`)
  }
  if (!listRecipes(family).includes(name)) {
    const known = listRecipes(family).join(', ')
    throw new InputError(
      `the recipe ${formatValue(name)} has no rules for ${family.type}; there are ${known}`,
    )
  }
  const number = parseRecipeArgument(recipe, argument)
  return (parameter) => {
    const { role, name: tensor } = parameter
    if (role === 'norm' || role === 'buffer') return parameter.defaultInit
    const found = recipe.rule(parameter, model, number) ?? (role === 'bias' ? zeros() : undefined)
    if (!found)
      throw new InputError(
        `no rule of the recipe ${formatValue(name)} matches the parameter ${formatValue(tensor)}`,
      )
    return found
  }
}

function parseRecipeArgument(
  { name, argument: wanted }: BuiltinRecipe,
  argument: string | undefined,
): number {
  if (wanted === undefined) {
    if (argument === undefined) return 0
    throw new InputError(
      `the recipe ${formatValue(name)} takes nothing behind a colon; received ${formatValue(argument)}`,
    )
  }
  if (!/^[1-9]\d{0,8}$/.test(argument ?? '')) {
    const got = argument === undefined ? 'nothing' : formatValue(argument)
    throw new InputError(
      `the recipe ${formatValue(name)} must be its ${wanted}, as in ${name}:256; received ${got}`,
    )
  }
  return Number(argument)
}

const EMBEDDING_ROLES: ReadonlySet<Role> = new Set(['tokens', 'positions', 'segments'] as const)
const MLP_INPUT_ROLES: ReadonlySet<Role> = new Set(['mlpIn', 'mlpGate', 'mlpUp'] as const)
const RESIDUAL_OUTPUT_ROLES: ReadonlySet<Role> = new Set(['attentionOut', 'mlpOut'] as const)
const ATTENTION_INPUT_ROLES = ['query', 'key', 'value', 'queryKeyValue'] as const
const WEIGHT_ROLES: ReadonlySet<Role> = new Set([
  ...EMBEDDING_ROLES,
  ...ATTENTION_INPUT_ROLES,
  ...MLP_INPUT_ROLES,
  ...RESIDUAL_OUTPUT_ROLES,
  ...(['router', 'head', 'dense'] as const),
])

const isEmbedding = ({ role }: Parameter) => EMBEDDING_ROLES.has(role)
/** Does it read the stream, within the feed-forward part? */
const isMlpInput = ({ role }: Parameter) => MLP_INPUT_ROLES.has(role)
/** Does it end in a residual sum? */
const isResidualOutput = ({ role }: Parameter) => RESIDUAL_OUTPUT_ROLES.has(role)
/** Is it any matrix or embedding of a transformer? */
const isWeight = ({ role }: Parameter) => WEIGHT_ROLES.has(role)

/** In OLMo, and for heads in torchtitan, trunc_normal_ has its bounds at three standard deviations. */
function truncateAt3Std(std: number): BaseStrategy {
  return truncatedNormal({ std, sigmas: 3 })
}

function zeroPaddingRow({ paddingIndex }: Parameter, strategy: BaseStrategy): Strategy {
  return paddingIndex === undefined ? strategy : zeroRows({ rows: [paddingIndex], strategy })
}

/** The depths that DeepNet's gains are by. */
function getStackDepths({ position }: Parameter, { layers, parameters }: Model) {
  if (position.stack === undefined) return { layers: position.layers }
  const decoder = parameters.find((p) => p.position.stack === 'decoder')
  return { encoderLayers: layers, decoderLayers: decoder?.position.layers, stack: position.stack }
}
