/**
 * The plan: the tensors of a model and where each will lie. A pure function of (config, recipe, dtype, shard
 * size); all that comes after reads the plan, and a plan costs nothing but itself.
 */

import { InputError } from '../errors/simdinit-error.ts'
import { resolveDistribution } from '../distributions/resolve-distribution.ts'
import { effectiveStd } from '../distributions/effective-std.ts'
import { computeReportFans } from '../strategies/fans.ts'
import type { Distribution } from '../distributions/distribution.ts'
import { findDtype, parseDtype, TORCH_DTYPE_NAMES, type Dtype, type DtypeName } from '../numeric/dtypes.ts'
import { formatValue } from '../errors/validate.ts'
import { compileTransform } from '../distributions/transform.ts'
import { computeByteLength, layoutFile, type FileLayout, type TensorEntry } from '../safetensors/header.ts'
import { DEFAULT_MAX_SHARD_SIZE, parseShardSize, splitIntoShards } from '../safetensors/shards.ts'
import type { BaseStrategy } from '../strategies/registry.ts'
import type { Strategy } from '../strategies/strategy.ts'
import { Config, DTYPE_FIELD_NAMES } from './model-config.ts'
import { resolveFamily } from './families/registry.ts'
import { copyNumberFormats } from './config-json.ts'
import type { Parameter } from './model-builder.ts'
import { resolveBuiltinRecipe } from './recipes/builtin-recipes.ts'
import { parseRecipe, findStrategy, type Recipe } from './recipes/recipe.ts'
import { applyConfigOverrides } from './config-overrides.ts'
import { PlannedTensor, type PlannedTensorSpec } from './planned-tensor.ts'
import { TensorSlicer, getFullShape, type TensorSlice } from './tensor-slices.ts'

export type { PlannedTensor } from './planned-tensor.ts'

/** One file of the checkpoint. */
export interface PlannedFile extends FileLayout<PlannedTensor> {
  readonly name: string
}

export interface Plan {
  readonly family: string
  readonly architecture: string
  readonly layers: number
  /** The config names no class, and the family's first was taken. */
  readonly architectureInferred: boolean
  /** That of most tensors: a model may keep some in f32, and of 8 bits are the matrices alone. */
  readonly dtype: Dtype
  /** A recipe's name, or the recipe itself where it has none. */
  readonly recipe: string | Recipe
  /** The config that the checkpoint will carry: the one given, with the dtype named. */
  readonly config: Readonly<Record<string, unknown>>
  readonly files: readonly PlannedFile[]
  /** Elements that are trained: of all tensors but buffers. */
  readonly parameters: number
  /** Of all tensors' data. */
  readonly bytes: number
}

export interface PlanOptions {
  /** A name (`RECIPES`), or a recipe as data. Default 'hf'. */
  recipe?: string | object
  /** Default: what the config says (`dtype`, `torch_dtype`), else f32. */
  dtype?: DtypeName
  /** Changes to the config first, each 'key=value'; see `applySettings`. */
  set?: readonly string[]
  /** The most bytes of data in a file: a number, or '5GB', the default. A larger tensor has a file of its own. */
  maxShardSize?: number | string
  /** Parts of tensors, for tensor-parallel ranks: '<pattern>:dim=<axis>:<index>/<count>'. Default: whole ones. */
  slice?: readonly string[]
}

/**
 * The plan of a model, from its config as parsed JSON (`PRESETS.gpt2.config`, for example). Throws an
 * InputError that names the field, the value and what was expected.
 */
export function planModel(given: unknown, options: PlanOptions = {}): Plan {
  const json = options.set === undefined ? given : applyConfigOverrides(given, options.set)
  const config = new Config(json)
  const found = resolveFamily(config)
  const wanted = resolveDtypes(config, options.dtype)
  const { recipe: asked = 'hf' } = options
  const recipe = typeof asked === 'string' ? asked : parseRecipe(asked)
  const { tensors, layers, parameters } = planTensors(config, found, wanted, recipe, options.slice)
  return {
    family: found.family.type,
    architecture: found.architecture,
    layers,
    architectureInferred: found.architectureInferred,
    dtype: wanted.matrices,
    recipe,
    config: setConfigDtype(json as Record<string, unknown>, wanted.others),
    files: planFiles(tensors, options.maxShardSize),
    parameters,
    bytes: tensors.reduce((sum, tensor) => sum + computeByteLength(tensor), 0),
  }
}

/** In the order of the model, which is gone when this returns: of half a million tensors it is large. */
function planTensors(
  config: Config,
  { family, architecture }: ReturnType<typeof resolveFamily>,
  wanted: TargetDtypes,
  recipe: string | Recipe,
  slices: readonly string[] | undefined,
): { tensors: PlannedTensor[]; layers: number; parameters: number } {
  const model = family.buildModel(config, architecture)
  const strategyOf =
    typeof recipe === 'string'
      ? resolveBuiltinRecipe(recipe, family, model)
      : ({ name }: Parameter) => findStrategy(name, recipe)
  const cut = slices === undefined ? undefined : new TensorSlicer(slices)
  const kindOf = createSpecCache()
  const { names } = model.parameters
  const tensors: PlannedTensor[] = []
  let parameters = 0
  for (const parameter of model.parameters) {
    const { name, role, layout, group } = parameter
    const strategy = applyModelDefaults(strategyOf(parameter), parameter)
    const dtype = selectDtype(parameter, wanted)
    const { shape, slice }: { shape: readonly number[]; slice?: TensorSlice } =
      cut?.slice(parameter) ?? parameter
    const kind = kindOf(name, { shape, dtype, strategy, layout, group, slice })
    tensors.push(new PlannedTensor(names, tensors.length, kind))
    if (role !== 'buffer') parameters += countElements(shape)
  }
  cut?.checkAllRulesUsed()
  return { tensors, layers: model.layers, parameters }
}

function countElements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}

/** The files of a checkpoint. Throws an InputError for what no file can hold, and for a size that is none. */
function planFiles(
  tensors: readonly PlannedTensor[],
  maxShardSize: number | string = DEFAULT_MAX_SHARD_SIZE,
): PlannedFile[] {
  return rethrowAsInputError(() =>
    splitIntoShards(tensors, parseShardSize(maxShardSize)).map(({ name, tensors }) => ({
      name,
      ...layoutPlannedTensors(tensors),
    })),
  )
}

/** `layOut`, whose refusals are about the model here. */
export function layoutModelFile(tensors: readonly PlannedTensor[]): FileLayout<PlannedTensor> {
  return rethrowAsInputError(() => layoutPlannedTensors(tensors))
}

function layoutPlannedTensors(tensors: readonly PlannedTensor[]): FileLayout<PlannedTensor> {
  return layoutFile(tensors, undefined, (tensor, begin) => tensor.setOffset(begin))
}

function rethrowAsInputError<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new InputError((error as Error).message, { cause: error })
  }
}

/** Adds the distribution, and checks it against the dtype now rather than when it is filled. */
export function resolveTensorDistribution<
  T extends TensorEntry & { strategy: Strategy; slice?: TensorSlice },
>(tensor: T): T & { distribution: Distribution } {
  try {
    const distribution = resolveDistribution(tensor.strategy, getFullShape(tensor))
    compileTransform(distribution, tensor.dtype)
    return { ...tensor, distribution }
  } catch (error) {
    throw new InputError(`${tensor.name}: ${(error as Error).message}`, { cause: error })
  }
}

type UnresolvedSpec = Omit<PlannedTensorSpec, 'distribution'>

/** `resolve`, once for all tensors that differ in their names alone: hundreds of experts, for one. */
function createSpecCache() {
  const known = new Map<string, PlannedTensorSpec>()
  return (
    name: string,
    { shape, dtype, strategy, layout, group, slice }: UnresolvedSpec,
  ): PlannedTensorSpec => {
    const key = JSON.stringify([strategy, shape, dtype, layout, group, slice])
    const alike = known.get(key)
    if (alike) return alike
    const { distribution } = resolveTensorDistribution({ name, shape, dtype, strategy, slice })
    const kind = { shape, dtype, strategy, distribution, layout, group, slice }
    known.set(key, kind)
    return kind
  }
}

/** What a report says of each tensor. `std` is that of the values; fans are null for vectors. */
export function* iterateTensorInfo({ files }: Plan) {
  for (const { name: file, tensors } of files) {
    for (const { name, shape, slice, dtype, strategy, distribution, layout, begin, end } of tensors) {
      yield {
        name,
        shape,
        dtype,
        strategy,
        distribution,
        std: effectiveStd(distribution),
        ...computeReportFans(getFullShape({ shape, slice }), layout),
        file,
        bytes: end - begin,
        ...(slice && { slice }),
      }
    }
  }
}

/** The same as a list. */
export function listTensorInfo(plan: Plan) {
  return [...iterateTensorInfo(plan)]
}

/** Fills in what the model decides and the recipe left open. */
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

/** What matrices are stored as, and what all else is. */
interface TargetDtypes {
  readonly matrices: Dtype
  readonly others: Dtype
}

/**
 * The dtype asked for, else the config's, else f32. One of 8 bits is for matrices alone: the others then have the
 * config's dtype, or bf16 where that is of 8 bits too or not said.
 */
function resolveDtypes(config: Config, asked: unknown): TargetDtypes {
  const named = readConfigDtype(config)
  const matrices = asked === undefined ? (named ?? 'f32') : parseDtype('dtype', asked)
  if (!is8Bit(matrices)) return { matrices, others: matrices }
  return { matrices, others: named === undefined || is8Bit(named) ? 'bf16' : named }
}

function is8Bit(dtype: Dtype): boolean {
  return dtype === 'f8_e4m3' || dtype === 'f8_e5m2'
}

function selectDtype({ role, shape, keepInF32For }: Parameter, { matrices, others }: TargetDtypes): Dtype {
  if (keepInF32For.includes(others)) return 'f32'
  return shape.length === 2 && role !== 'other' ? matrices : others
}

/** The dtype that a config asks for, if it does. */
function readConfigDtype(config: Config): Dtype | undefined {
  const named = config.optionalString(DTYPE_FIELD_NAMES, true)
  if (named === undefined) return undefined
  const dtype = findDtype(named)
  if (!dtype) {
    const known = Object.values(TORCH_DTYPE_NAMES).join(', ')
    throw new InputError(`config.json: "dtype" must be one of ${known}; received ${formatValue(named)}`)
  }
  return dtype
}

/**
 * The config with its dtype named, under the key it uses already if it has one. It is that of what is not of 8 bits:
 * transformers makes every module in it, and cannot in one of 8. How the published weights were quantised is left
 * out, for these are not.
 */
function setConfigDtype(config: Record<string, unknown>, dtype: Dtype): Record<string, unknown> {
  const key =
    !Object.hasOwn(config, 'dtype') && Object.hasOwn(config, 'torch_dtype') ? 'torch_dtype' : 'dtype'
  const { quantization_config: _, ...rest } = config
  return copyNumberFormats({ ...rest, [key]: TORCH_DTYPE_NAMES[dtype] }, config)
}
