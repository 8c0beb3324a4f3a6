/**
 * The plan of a checkpoint: its tensors, their strategies and their offsets. A pure function of the config and the
 * options. Every later phase reads the plan; planning generates no values.
 */

import type { Distribution } from '../distributions/distribution.ts'
import { InputError } from '../errors/simdinit-error.ts'
import { TORCH_DTYPE_NAMES, type Dtype, type DtypeName } from '../numeric/dtypes.ts'
import { product } from '../numeric/shape.ts'
import {
  computeByteLength,
  layoutFile,
  type FileLayout,
  type PlacedTensor,
  type TensorEntry,
} from '../safetensors/encode-header.ts'
import { DEFAULT_MAX_SHARD_SIZE, parseShardSize, splitIntoShards } from '../safetensors/shards.ts'
import type { Layout } from '../strategies/layout.ts'
import type { BaseStrategy } from '../strategies/registry.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { resolveDtypes, selectDtype, type CheckpointDtypes } from './checkpoint-dtypes.ts'
import { formatConfig, type ConfigDocument, type ConfigFields } from './config-document.ts'
import { conformConfig } from './conform-config.ts'
import { parseConfigOverrides } from './config-overrides.ts'
import { resolveFamily } from './families/family-registry.ts'
import { Config } from './model-config.ts'
import type { Model, Parameter } from './model-builder.ts'
import { resolveBuiltinRecipe } from './recipes/builtin-recipes.ts'
import { findStrategy, parseRecipe, type Recipe } from './recipes/recipe.ts'
import { createStrategyResolver } from './tensor-distribution.ts'
import { TensorSlicer, type TensorSlice } from './tensor-slices.ts'

/** A tensor of a plan, and the bytes [begin, end) of its file's data that it occupies. */
export interface PlannedTensor extends PlacedTensor {
  /** Which axes are inputs and outputs: `'oi'` is [out, in], `'io'` is [in, out]. */
  readonly layout: Layout
  /** With every field set that the model decides, such as the layout and the number of layers. */
  readonly strategy: Strategy
  /** What the strategy resolves to for the shape of the whole parameter. */
  readonly distribution: Distribution
  /** Tensors of one group are stored in one file. */
  readonly group?: string
  /** Which part of the parameter it is, if not all of it. */
  readonly slice?: TensorSlice
}

/** One file of the checkpoint. */
export interface PlannedFile extends FileLayout<PlannedTensor> {
  /** `model.safetensors`, or `model-00001-of-00003.safetensors`. */
  readonly name: string
}

/** What `planModel` returns: plain data, which can be spread, cloned and serialized. */
export interface Plan {
  /** `model_type` of the family. */
  readonly family: string
  /** The class that the weights are for, such as `GPT2LMHeadModel`. */
  readonly architecture: string
  /** Number of layers; of the encoder, if the model has two stacks. */
  readonly layers: number
  /** Whether the config names no class, so that the family's first one is used. */
  readonly architectureInferred: boolean
  /** The dtype of matrices. A model may keep some tensors in f32, and only matrices are stored in 8 bits. */
  readonly dtype: Dtype
  /** The name of a built-in recipe, or the recipe as data. */
  readonly recipe: string | Recipe
  /** The config that the checkpoint carries: the given one with overrides applied and the dtype named. */
  readonly config: ConfigFields
  /** The text of its config.json, which keeps numbers such as 1.0 as they were written. */
  readonly configText: string
  /** The files of weights, in order. */
  readonly files: readonly PlannedFile[]
  /** Number of trained elements: of all tensors except buffers. */
  readonly parameters: number
  /** Bytes of data in all files, without headers. */
  readonly bytes: number
}

/** Options of `planModel`. */
export interface PlanOptions {
  /** A name from `RECIPES`, with its argument (`mup:256`), or a recipe as data. Default: 'hf'. */
  recipe?: string | object
  /** Default: the config's `dtype` or `torch_dtype`, else f32. */
  dtype?: DtypeName
  /** Changes to the config, each 'key=value', applied in order. */
  set?: readonly string[]
  /** Maximum bytes of data per file: a number, or a string such as '5GB', the default. A larger tensor gets its own file. */
  maxShardSize?: number | string
  /** Slices of tensors for a tensor-parallel rank: '<pattern>:dim=<axis>:<index>/<count>'. Default: whole tensors. */
  slice?: readonly string[]
}

/**
 * Plans a model: its tensors, what each is filled with, and the files that hold them. Generates no values.
 * @param config The config: a `ConfigDocument` from `parseConfig`, or a plain object such as `PRESETS.gpt2.config`. A
 *   plain object cannot tell 1.0 from 1, so its whole numbers are written as integers, or as what
 *   transformers demands in fields that it checks.
 * @param options Recipe, dtype, overrides, shard size and slices.
 * @returns The plan, as plain data.
 * @throws {InputError} If the config, the recipe or an option cannot be used; the message names the field.
 * @example
 * import { planModel, PRESETS } from 'simdinit/models'
 *
 * const plan = planModel(PRESETS.gpt2.config, { dtype: 'bf16' })
 * console.log(plan.parameters) // 124439808
 */
export function planModel(config: ConfigDocument | object, options: PlanOptions = {}): Plan {
  const reader = new Config(config, parseConfigOverrides(options.set ?? []))
  const { family, architecture, architectureInferred } = resolveFamily(reader)
  const dtypes = resolveDtypes(reader, options.dtype)
  const { recipe: requested = 'hf' } = options
  const recipe = typeof requested === 'string' ? requested : parseRecipe(requested)
  const model = family.buildModel(reader, architecture)
  const document = conformConfig(reader.toDocument(), {
    family: family.type,
    architecture,
    layers: model.layers,
  })
  const written = setConfigDtype(document, dtypes.others)
  const selectStrategy =
    typeof recipe === 'string'
      ? resolveBuiltinRecipe(recipe, family, model)
      : ({ name }: Parameter) => findStrategy(name, recipe)
  const { tensors, parameters } = planTensors(model, selectStrategy, dtypes, options.slice)
  return {
    family: family.type,
    architecture,
    layers: model.layers,
    architectureInferred,
    dtype: dtypes.matrices,
    recipe,
    config: written.fields,
    configText: formatConfig(written),
    files: planFiles(tensors, options.maxShardSize),
    parameters,
    bytes: tensors.reduce((sum, tensor) => sum + computeByteLength(tensor), 0),
  }
}

type UnplacedTensor = Omit<PlannedTensor, 'begin' | 'end'>

/** The tensors in the order of the model, which is also the order for splitting them into files. */
function planTensors(
  model: Model,
  selectStrategy: (parameter: Parameter) => Strategy,
  dtypes: CheckpointDtypes,
  slices: readonly string[] | undefined,
): { tensors: UnplacedTensor[]; parameters: number } {
  const slicer = slices && new TensorSlicer(slices)
  const resolveStrategy = createStrategyResolver()
  let parameters = 0
  const tensors = model.parameters.map((parameter): UnplacedTensor => {
    const { name, layout, group } = parameter
    const dtype = selectDtype(parameter, dtypes)
    const { shape, slice }: { shape: readonly number[]; slice?: TensorSlice } =
      slicer?.slice(parameter) ?? parameter
    const requested = applyModelDefaults(selectStrategy(parameter), parameter)
    const { strategy, distribution } = resolveStrategy({ name, dtype, shape: parameter.shape }, requested)
    if (parameter.role !== 'buffer') parameters += product(shape)
    return {
      name,
      shape,
      dtype,
      layout,
      strategy,
      distribution,
      ...(group !== undefined && { group }),
      ...(slice && { slice }),
    }
  })
  slicer?.checkAllRulesUsed()
  return { tensors, parameters }
}

/** Fills in fields that the recipe leaves to the model: the layout and the number of layers. */
function applyModelDefaults(strategy: Strategy, parameter: Parameter): Strategy {
  if (strategy.type !== 'zeroRows') return applyBaseDefaults(strategy, parameter)
  return { ...strategy, strategy: applyBaseDefaults(strategy.strategy, parameter) }
}

function applyBaseDefaults(strategy: BaseStrategy, parameter: Parameter): BaseStrategy {
  const { layout, position } = parameter
  if (strategy.type === 'varianceScaling') return { ...strategy, layout: strategy.layout ?? layout }
  if (strategy.type === 'residualNormal') return { ...strategy, layers: strategy.layers ?? position.layers }
  return strategy
}

/** The files of a checkpoint. Throws an InputError for tensors that do not fit into a file, and for an invalid size. */
function planFiles(
  tensors: readonly UnplacedTensor[],
  maxShardSize: number | string = DEFAULT_MAX_SHARD_SIZE,
): PlannedFile[] {
  return rethrowAsInputError(() =>
    splitIntoShards(tensors, parseShardSize(maxShardSize)).map(({ name, tensors }) => ({
      name,
      ...layoutFile(tensors),
    })),
  )
}

/** Like `layoutFile`, but throws an InputError, because the cause is the model and not the caller. */
export function layoutModelFile<T extends TensorEntry>(tensors: readonly T[]): FileLayout<T> {
  return rethrowAsInputError(() => layoutFile(tensors))
}

function rethrowAsInputError<T>(layout: () => T): T {
  try {
    return layout()
  } catch (error) {
    throw new InputError((error as Error).message, { cause: error })
  }
}

/**
 * Sets the config's dtype, under the key that it already uses, if any. The value is the dtype of tensors other than
 * matrices, because transformers creates every module in it and does not support 8 bits there. `quantization_config`
 * is removed, since it describes the published weights.
 */
function setConfigDtype({ fields, numberLiterals }: ConfigDocument, dtype: Dtype): ConfigDocument {
  const key =
    !Object.hasOwn(fields, 'dtype') && Object.hasOwn(fields, 'torch_dtype') ? 'torch_dtype' : 'dtype'
  const { quantization_config: _, ...rest } = fields
  return { fields: { ...rest, [key]: TORCH_DTYPE_NAMES[dtype] }, numberLiterals }
}
