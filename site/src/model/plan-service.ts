/** Creates a plan from the text of a config, and its summary and pages of rows for the page. */

import type { Dtype, Strategy } from 'simdinit'
import {
  listTensorInfo,
  FAMILIES,
  parseConfig,
  planModel,
  PRESETS,
  RECIPES,
  listRecipes,
  type ConfigDocument,
  type Plan,
} from 'simdinit/models'
import { formatIndex, INDEX_FILE } from 'simdinit/safetensors'
import { ProblemError } from './problem.ts'
import type { Page } from './paging.ts'

/** The limit of the command line. */
const MAX_CONFIG_BYTES = 10_000_000
/** Layers times experts. Larger plans would take gigabytes; this is four times the largest published model. */
const MAX_LAYERS_TIMES_EXPERTS = 2 ** 16

export interface PlanRequest {
  /** The name of a preset, or the bytes of a config.json. */
  readonly source: { readonly preset: string } | { readonly bytes: Uint8Array }
  /** Default: the dtype of the config. */
  readonly dtype?: Dtype
  readonly recipe: string
  /** Changes to the config: key=value. */
  readonly changes: readonly string[]
  /** The most bytes of data in a file. Default '5GB'. */
  readonly maxShardSize?: string
}

/** A recipe of the model's family, and the name of its argument, if it takes one. */
export interface RecipeOption {
  readonly name: string
  readonly argument?: string
}

export interface PlanSummary {
  readonly architecture: string
  /** The config names no class. */
  readonly assumed: boolean
  readonly layers: number
  readonly tensors: number
  readonly parameters: number
  readonly dtype: Dtype
  readonly recipes: readonly RecipeOption[]
  readonly files: readonly { readonly name: string; readonly bytes: number }[]
  /** The size of all files. */
  readonly bytes: number
  /** The other files of a checkpoint: config.json, and an index if there are several weight files. */
  readonly textFiles: readonly TextFile[]
}

export interface TextFile {
  readonly name: string
  readonly text: string
}

export interface PlanRow {
  readonly name: string
  readonly shape: string
  readonly dtype: Dtype
  readonly strategy: string
  readonly std: number
  readonly bytes: number
}

/** Throws a ProblemError, or an error of the library. */
export function createPlan({ source, dtype, recipe, changes, maxShardSize }: PlanRequest): Plan {
  const config = 'preset' in source ? PRESETS[source.preset].config : readConfig(source.bytes)
  checkSize('preset' in source ? config : (config as ConfigDocument).fields, changes)
  return planModel(config, {
    dtype,
    recipe,
    maxShardSize: maxShardSize,
    ...(changes.length > 0 && { set: changes }),
  })
}

function readConfig(bytes: Uint8Array): ConfigDocument {
  if (bytes.length > MAX_CONFIG_BYTES)
    throw new ProblemError({ code: 'configTooLong', max: MAX_CONFIG_BYTES })
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ProblemError({ code: 'notText' })
  }
  let config: ConfigDocument
  try {
    config = parseConfig(text)
  } catch (error) {
    const { cause } = error as Error
    if (!(cause instanceof SyntaxError)) throw error
    throw new ProblemError({ code: 'notJson', text: cause.message })
  }
  if ('weight_map' in config.fields) {
    throw new ProblemError({ code: 'isIndex' })
  }
  return config
}

const LAYER_COUNT_FIELDS = [
  'num_hidden_layers',
  'n_layer',
  'num_layers',
  'num_decoder_layers',
  'encoder_layers',
]
const EXPERT_COUNT_FIELDS = ['num_local_experts', 'n_routed_experts', 'num_experts']

/** Checks the size before planning, because a tab has less memory than a server. */
function checkSize(config: unknown, changes: readonly string[]): void {
  const changed = Object.fromEntries(changes.map((change) => change.split('=')))
  const largest = (names: readonly string[]) =>
    Math.max(
      1,
      ...names.map(
        (name) => Number(changed[name] ?? (config as Record<string, unknown> | null)?.[name]) || 1,
      ),
    )
  if (largest(LAYER_COUNT_FIELDS) * largest(EXPERT_COUNT_FIELDS) > MAX_LAYERS_TIMES_EXPERTS) {
    throw new ProblemError({ code: 'tooManyTensors', max: MAX_LAYERS_TIMES_EXPERTS })
  }
}

export function summarizePlan(plan: Plan): PlanSummary {
  const family = FAMILIES.find(({ type }) => type === plan.family)!
  const names = listRecipes(family)
  return {
    architecture: plan.architecture,
    assumed: plan.architectureInferred,
    layers: plan.layers,
    tensors: plan.files.reduce((sum, { tensors }) => sum + tensors.length, 0),
    parameters: plan.parameters,
    dtype: plan.dtype,
    recipes: RECIPES.filter(({ name }) => names.includes(name)).map(({ name, argument }) => ({
      name,
      argument,
    })),
    files: plan.files.map(({ name, bytes }) => ({ name, bytes })),
    bytes: plan.files.reduce((sum, { bytes }) => sum + bytes, 0),
    textFiles: createTextFiles(plan),
  }
}

export function createTextFiles({ configText, files, parameters }: Plan): TextFile[] {
  const texts = [{ name: 'config.json', text: configText }]
  return files.length === 1 ? texts : [...texts, { name: INDEX_FILE, text: formatIndex(files, parameters) }]
}

/** `count` rows from `first` on, of the tensors whose names contain all words of `filter`. */
export function listRows(plan: Plan, filter: string, first: number, count: number): Page<PlanRow> {
  const words = filter.toLowerCase().split(/\s+/)
  const files = plan.files.map((file) => ({
    ...file,
    tensors: file.tensors.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word))),
  }))
  const rows: PlanRow[] = []
  let at = 0
  for (const file of files) {
    const from = Math.max(0, first - at)
    const to = Math.max(0, first + count - at)
    const shown = listTensorInfo({ ...plan, files: [{ ...file, tensors: file.tensors.slice(from, to) }] })
    for (const { name, shape, dtype, strategy, std, bytes } of shown) {
      rows.push({ name, shape: shape.join(' × '), dtype, strategy: formatStrategy(strategy), std, bytes })
    }
    at += file.tensors.length
  }
  return { rows, total: at }
}

/** The call that creates a strategy, without a mean of 0. */
function formatStrategy({ type, ...fields }: Strategy): string {
  const shown = Object.entries(fields).filter(([key, value]) => key !== 'mean' || value !== 0)
  const list = shown.map(([key, value]) => `${key}: ${formatField(value)}`)
  return list.length === 0 ? `${type}()` : `${type}({ ${list.join(', ')} })`
}

function formatField(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return typeof value === 'object' && value !== null
    ? formatStrategy(value as Strategy)
    : `'${String(value)}'`
}
