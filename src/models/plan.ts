/**
 * The plan: the tensors of a model and where each will lie. A pure function of (config, recipe, dtype, shard
 * size); all that comes after reads the plan, and a plan costs nothing but itself.
 */

import { distributionOf, realisedStd, reportedFans, type Distribution } from '../distribution.ts'
import { aDtype, type Dtype } from '../dtypes.ts'
import { show } from '../errors.ts'
import type { Layout } from '../fans.ts'
import { mapOf } from '../maps.ts'
import { bytesOf, layOut, type FileLayout, type TensorEntry } from '../safetensors/header.ts'
import { MAX_SHARD_SIZE, shardBytes, split } from '../safetensors/shards.ts'
import type { Strategy } from '../strategies.ts'
import { Config, InputError } from './config.ts'
import { familyOf } from './families.ts'
import type { Family } from './family.ts'
import { aRecipe, RECIPES, strategyFor, type Recipe } from './recipes.ts'
import { cut, wholeShape, type TensorSlice } from './slices.ts'

export interface PlannedTensor extends TensorEntry {
  /** Which axes are inputs and outputs. */
  readonly layout: Layout
  /** With every field settled that the model decides: layout, layers. */
  readonly strategy: Strategy
  readonly distribution: Distribution
  /** Where it is but a part of the parameter. */
  readonly slice?: TensorSlice
}

/** One file of the checkpoint. */
export interface PlannedFile extends FileLayout<PlannedTensor> {
  readonly name: string
}

export interface Plan {
  readonly family: string
  readonly architecture: string
  readonly layers: number
  /** The config names no class, and the family's first was taken. */
  readonly assumed: boolean
  readonly dtype: CheckpointDtype
  /** A recipe's name, or the recipe itself where it has none. */
  readonly recipe: string | Recipe
  /** The config that the checkpoint will carry: the one given, with the dtype named. */
  readonly config: Readonly<Record<string, unknown>>
  readonly files: readonly PlannedFile[]
  readonly parameters: number
  /** Of all tensors' data. */
  readonly bytes: number
}

export interface PlanOptions {
  /** A name (`RECIPES`), or a recipe as data. Default 'hf'. */
  recipe?: string | object
  /** Default: what the config says (`dtype`, `torch_dtype`), else f32. Not those of 8 bits. */
  dtype?: Dtype
  /** The most bytes of data in a file: a number, or '5GB', the default. A larger tensor has a file of its own. */
  maxShardSize?: number | string
  /** Parts of tensors, for tensor-parallel ranks: '<pattern>:dim=<axis>:<index>/<count>'. Default: whole ones. */
  slice?: readonly string[]
}

/** What all tensors of a checkpoint can be. The dtypes of 8 bits suit its matrices, not its vectors. */
export type CheckpointDtype = Exclude<Dtype, `f8_${string}`>

/** Names that configs and other tools use. */
export const TORCH_NAMES: Readonly<Record<CheckpointDtype, string>> = {
  f32: 'float32',
  bf16: 'bfloat16',
  f16: 'float16',
}

/**
 * The plan of a model, from its config as parsed JSON (`PRESETS.gpt2.config`, for example). Throws an
 * InputError that names the field, the value and what was expected.
 */
export function planModel(json: unknown, options: PlanOptions = {}): Plan {
  const config = new Config(json)
  const { family, architecture, assumed } = familyOf(config)
  const dtype = options.dtype === undefined ? dtypeOf(config) : aCheckpointDtype(options.dtype)
  const { recipe = 'hf' } = options
  const rules = typeof recipe === 'string' ? namedRecipe(recipe, family, config) : aRecipe(recipe)
  const layers = family.layers(config)
  const whole = family.parameters(config).map(({ name, shape, layout }) => {
    const strategy = settle(strategyFor(name, rules), layout, layers)
    return { ...resolve({ name, shape, dtype, strategy }), layout }
  })
  const tensors = options.slice === undefined ? whole : cut(whole, options.slice)
  return {
    family: family.type,
    architecture,
    layers,
    assumed,
    dtype,
    recipe: typeof recipe === 'string' ? recipe : rules,
    config: withDtype(json as Record<string, unknown>, dtype),
    files: filesOf(tensors, options.maxShardSize),
    parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((n, d) => n * d, 1), 0),
    bytes: tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0),
  }
}

/** The files of a checkpoint. Throws an InputError for what no file can hold, and for a size that is none. */
function filesOf(
  tensors: readonly PlannedTensor[],
  maxShardSize: number | string = MAX_SHARD_SIZE,
): PlannedFile[] {
  return aboutTheModel(() =>
    split(tensors, shardBytes(maxShardSize)).map(({ name, tensors }) => ({ name, ...layOut(tensors) })),
  )
}

/** `layOut`, whose refusals are about the model here. */
export function layOutModel<T extends TensorEntry>(tensors: readonly T[]): FileLayout<T> {
  return aboutTheModel(() => layOut(tensors))
}

function aboutTheModel<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new InputError((error as Error).message, { cause: error })
  }
}

/** Adds the distribution, and checks it against the dtype now rather than when it is filled. */
export function resolve<T extends TensorEntry & { strategy: Strategy; slice?: TensorSlice }>(
  tensor: T,
): T & { distribution: Distribution } {
  try {
    const distribution = distributionOf(tensor.strategy, wholeShape(tensor))
    mapOf(distribution, tensor.dtype)
    return { ...tensor, distribution }
  } catch (error) {
    throw new InputError(`${tensor.name}: ${(error as Error).message}`, { cause: error })
  }
}

/** What a report says of each tensor. `std` is that of the values; fans are null for vectors. */
export function describe({ files }: Plan) {
  return files.flatMap((file) =>
    file.tensors.map(({ name, shape, slice, dtype, strategy, distribution, layout, begin, end }) => ({
      name,
      shape,
      dtype,
      strategy,
      distribution,
      std: realisedStd(distribution),
      ...reportedFans(wholeShape({ shape, slice }), layout),
      file: file.name,
      bytes: end - begin,
      ...(slice && { slice }),
    })),
  )
}

/** Fills in what the model decides and the recipe left open. */
function settle(strategy: Strategy, layout: Layout, layers: number): Strategy {
  if (strategy.type === 'varianceScaling') return { ...strategy, layout: strategy.layout ?? layout }
  if (strategy.type === 'residualNormal') return { ...strategy, layers: strategy.layers ?? layers }
  return strategy
}

function namedRecipe(name: string, family: Family, config: Config): Recipe {
  if (Object.hasOwn(family.recipes, name)) return family.recipes[name](config)
  const known = RECIPES.map((recipe) => recipe.name)
  throw new InputError(
    known.includes(name)
      ? `the recipe ${show(name)} has no rules for ${family.type}`
      : `"recipe" expected one of ${known.join(', ')} or a JSON file, got ${show(name)}`,
  )
}

const CHECKPOINT_DTYPES = Object.keys(TORCH_NAMES) as CheckpointDtype[]

function aCheckpointDtype(value: unknown): CheckpointDtype {
  const dtype = aDtype('dtype', value)
  const found = CHECKPOINT_DTYPES.find((d) => d === dtype)
  if (!found) {
    throw new InputError(
      `${dtype} is for matrices alone, and all tensors of a checkpoint have one dtype: ${CHECKPOINT_DTYPES.join(', ')}`,
    )
  }
  return found
}

/** The dtype a config asks for; f32 if it does not. */
function dtypeOf(config: Config): CheckpointDtype {
  const named = config.text(['dtype', 'torch_dtype']) ?? 'float32'
  const dtype = CHECKPOINT_DTYPES.find((d) => d === named || TORCH_NAMES[d] === named)
  if (!dtype) {
    const known = Object.values(TORCH_NAMES).join(', ')
    throw new InputError(`config.json: "dtype" expected one of ${known}, got ${show(named)}`)
  }
  return dtype
}

/** The config with its dtype named, under the key it uses already if it has one. */
function withDtype(config: Record<string, unknown>, dtype: CheckpointDtype): Record<string, unknown> {
  const key =
    !Object.hasOwn(config, 'dtype') && Object.hasOwn(config, 'torch_dtype') ? 'torch_dtype' : 'dtype'
  return { ...config, [key]: TORCH_NAMES[dtype] }
}
