/**
 * The built-in recipes. Each is a function from a parameter (its role and its position) to a strategy, with its source
 * and the families that the source covers. Norms are initialized as in `hf`; biases are 0 unless the recipe has a rule
 * for them.
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

/** Returns undefined if the recipe has no rule for the parameter. `argument` is the number after the colon: `mup:256`. */
type RoleRule = (parameter: Parameter, model: Model, argument: number) => Strategy | undefined

/** A recipe that is selected by name. */
export interface BuiltinRecipe {
  /** The name for the option `recipe`, such as `megatron`. */
  readonly name: string
  /** The paper or code that the recipe follows. */
  readonly source: string
  /** `model_type` of each family that the recipe supports, or 'all'. */
  readonly families: readonly string[] | 'all'
  /** The required argument after a colon, if the recipe has one: `base width` in `mup:256`. */
  readonly argument?: string
}

const hf: RoleRule = (p) => p.defaultInit

/** N(0, 0.02), positions N(0, 0.01), and the std of projections to the residual stream divided by sqrt(2 layers). */
const gpt2Paper: RoleRule = (p) => {
  if (p.role === 'positions') return normal({ std: 0.01 })
  if (isResidualOutput(p)) return residualNormal({ std: 0.02, layers: p.position.layers })
  return isWeight(p) ? normal({ std: 0.02 }) : undefined
}

/** `init_method` N(0, std); `output_layer_init_method` divides its std by sqrt(2 layers). */
const megatron: RoleRule = (p, { std }) => {
  if (isResidualOutput(p)) return residualNormal({ std, layers: p.position.layers })
  return isWeight(p) ? normal({ std }) : undefined
}

/** Like Megatron, with the std of hidden matrices divided by sqrt(width / baseWidth). */
const mup: RoleRule = (p, { std, hiddenSize: width }, baseWidth) => {
  if (isEmbedding(p) || p.role === 'head') return normal({ std })
  if (isResidualOutput(p)) return mupNormal({ std: std / Math.sqrt(2 * p.position.layers), width, baseWidth })
  return isWeight(p) ? mupNormal({ std, width, baseWidth }) : undefined
}

/** `small_init`, and `wang_init` for projections to the residual stream. */
const gptNeoX: RoleRule = (p, { hiddenSize: width }) => {
  if (isResidualOutput(p)) return wangNormal({ width, layers: p.position.layers })
  return isWeight(p) ? smallInitNormal({ width }) : undefined
}

/**
 * Std 1 / sqrt(fan_in). Projections to the residual stream also divide by sqrt(2 (layer + 1)). All are truncated at
 * three standard deviations.
 */
const olmoMitchell: RoleRule = (p, { hiddenSize: width }) => {
  const depth = 2 * ((p.position.layer ?? 0) + 1)
  if (p.role === 'attentionOut') return truncateAt3Std(1 / Math.sqrt(width * depth))
  if (p.role === 'mlpOut') return truncateAt3Std(1 / Math.sqrt(p.shape[1] * depth))
  return isWeight(p) ? truncateAt3Std(1 / Math.sqrt(width)) : undefined
}

/**
 * Embeddings N(0, 1), or like the head if tied. Std 0.02 for inputs of a block; outputs, `mlpUp` and routers divide it
 * by sqrt(2 (layer + 1)). The bounds of trunc_normal_ are absolute (±2), except for the head.
 */
const torchtitan: RoleRule = (p, { hiddenSize: width, parameters }) => {
  const tied = p.role === 'tokens' && !parameters.find(({ role }) => role === 'head')
  if (p.role === 'head' || tied) return truncateAt3Std(1 / Math.sqrt(width))
  if (p.role === 'tokens') return normal({ std: 1 })
  const isDepthScaled = isResidualOutput(p) || p.role === 'mlpUp' || p.role === 'router'
  if (!isDepthScaled && !isWeight(p)) return undefined
  const std = isDepthScaled ? 0.02 / Math.sqrt(2 * ((p.position.layer ?? 0) + 1)) : 0.02
  return truncatedNormal({ std, low: -2, high: 2 })
}

/** Xavier. Values, attention outputs and feed-forward matrices have a gain that depends on the depth. */
const deepNet: RoleRule = (p, model) => {
  if (p.role === 'query' || p.role === 'key') return xavierNormal()
  if (p.role === 'value' || isResidualOutput(p) || isMlpInput(p))
    return xavierNormal({ gain: deepNormGain(getStackDepths(p, model)) })
  if (p.role === 'tokens') return zeroPaddingRow(p, normal({ std: 1 / Math.sqrt(p.shape[1]) }))
  return isWeight(p) ? p.defaultInit : undefined // not covered by the paper
}

/** Xavier with the gains of T-Fixup, which also apply to embeddings. */
const tFixup: RoleRule = (p, model) => {
  const { layers, stack = 'encoder' } = p.position
  if (p.role === 'query' || p.role === 'key') return xavierUniform()
  if (p.role === 'value' || isResidualOutput(p) || isMlpInput(p))
    return xavierUniform({ gain: tFixupGain({ layers, stack }) })
  if (p.role === 'tokens') {
    const gain = tFixupGain({ layers: model.layers, stack: 'decoder' }) // (9 layers)^-1/4, for both stacks
    return zeroPaddingRow(p, normal({ std: gain / Math.sqrt(p.shape[1]) }))
  }
  return isWeight(p) ? p.defaultInit : undefined
}

/** Every matrix and embedding is a normal truncated at two standard deviations. */
const bertOriginal: RoleRule = (p, { std }) => (isWeight(p) ? truncatedNormal({ std, sigmas: 2 }) : undefined)

const MEGATRON_GPT_FAMILIES = ['gpt2', 'llama', 'mistral', 'mixtral', 'qwen2', 'deepseek_v3']

const BUILTIN_RECIPES: readonly (BuiltinRecipe & { readonly rule: RoleRule })[] = [
  {
    name: 'hf',
    source: "what transformers' _init_weights is meant to do, for each family",
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

/** The built-in recipes, as `simdinit recipes` lists them. */
export const RECIPES: readonly BuiltinRecipe[] = BUILTIN_RECIPES.map(({ rule: _, ...recipe }) => recipe)

/**
 * Lists the built-in recipes that support a family.
 * @param family One of `FAMILIES`.
 * @returns Their names, in the order of `RECIPES`. An argument, as of `mup:256`, is not part of a name.
 * @throws Never.
 * @example
 * import { FAMILIES, listRecipes } from 'simdinit/models'
 *
 * const bert = FAMILIES.find(({ type }) => type === 'bert')
 * console.log(listRecipes(bert).join(' ')) // hf megatron deepnet bert-original
 */
export function listRecipes({ type }: Family): string[] {
  return RECIPES.filter(({ families }) => families === 'all' || families.includes(type)).map(
    ({ name }) => name,
  )
}

/**
 * Resolves a built-in recipe for a model. `text` is the name, with the argument if it has one: `mup:256`. Throws an
 * InputError for an unknown name and for a family that the recipe does not support.
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
    throw new InputError(`"recipe" must be one of ${known} for ${family.type}; received ${formatValue(name)}`)
  }
  const number = parseRecipeArgument(recipe, argument, text)
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

/** The number after the colon of `text`; 0 for a recipe without an argument. */
function parseRecipeArgument(
  { name, argument: expected }: BuiltinRecipe,
  argument: string | undefined,
  text: string,
): number {
  if (expected === undefined) {
    if (argument === undefined) return 0
    throw new InputError(`"recipe" must be ${name}, without an argument; received ${formatValue(text)}`)
  }
  if (!/^[1-9]\d{0,8}$/.test(argument ?? '')) {
    throw new InputError(
      `"recipe" must be ${name}:<${expected}>, such as ${name}:256; received ${formatValue(text)}`,
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
/** Is it an input of the feed-forward block? */
const isMlpInput = ({ role }: Parameter) => MLP_INPUT_ROLES.has(role)
/** Does it write to the residual stream? */
const isResidualOutput = ({ role }: Parameter) => RESIDUAL_OUTPUT_ROLES.has(role)
/** Is it a matrix or embedding of a transformer? */
const isWeight = ({ role }: Parameter) => WEIGHT_ROLES.has(role)

/** OLMo, and torchtitan for heads, set the bounds of trunc_normal_ to three standard deviations. */
function truncateAt3Std(std: number): BaseStrategy {
  return truncatedNormal({ std, sigmas: 3 })
}

function zeroPaddingRow({ paddingIndex }: Parameter, strategy: BaseStrategy): Strategy {
  return paddingIndex === undefined ? strategy : zeroRows({ rows: [paddingIndex], strategy })
}

/** The depths that determine DeepNet's gains. */
function getStackDepths({ position }: Parameter, { layers, parameters }: Model) {
  if (position.stack === undefined) return { layers: position.layers }
  const decoder = parameters.find((p) => p.position.stack === 'decoder')
  return { encoderLayers: layers, decoderLayers: decoder?.position.layers, stack: position.stack }
}
