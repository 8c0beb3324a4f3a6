/** From the text of a config to a plan, and what the page shows of it: a summary, and rows, some at a time. */

import type { Dtype, Strategy } from 'simdinit'
import {
  listTensorInfo,
  FAMILIES,
  formatJson,
  parseJson,
  planModel,
  PRESETS,
  RECIPES,
  listRecipes,
  type Plan,
} from 'simdinit/models'
import { formatIndex, INDEX_FILE } from 'simdinit/safetensors'
import { ProblemError } from './problem.ts'
import type { Page } from './paging.ts'

/** As the command has it. */
const MAX_CONFIG_BYTES = 10_000_000
/** Layers times experts: of more a plan would take gigabytes. Four times what any published model has. */
const MAX_LAYERS_TIMES_EXPERTS = 2 ** 16

export interface PlanRequest {
  /** The name of a preset, or the bytes of a config.json. */
  readonly source: { readonly preset: string } | { readonly bytes: Uint8Array }
  /** The config's own where it is not said. */
  readonly dtype?: Dtype
  readonly recipe: string
  /** Changes to the config: key=value. */
  readonly changes: readonly string[]
  /** The most bytes of data in a file; '5GB' where it is not said. */
  readonly maxShardSize?: string
}

/** A recipe that the model's family has, and what it takes behind a colon, if anything. */
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
  /** Of all files. */
  readonly bytes: number
  /** What a checkpoint has beside them: its config.json, and an index where they are several. */
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

/** Throws a Refusal or, for what the library refuses, its error. */
export function createPlan({ source, dtype, recipe, changes, maxShardSize }: PlanRequest): Plan {
  const config = 'preset' in source ? PRESETS[source.preset].config : parseConfig(source.bytes)
  checkSize(config, changes)
  return planModel(config, {
    dtype,
    recipe,
    maxShardSize: maxShardSize,
    ...(changes.length > 0 && { set: changes }),
  })
}

function parseConfig(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_CONFIG_BYTES)
    throw new ProblemError({ code: 'configTooLong', most: MAX_CONFIG_BYTES })
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ProblemError({ code: 'notText' })
  }
  let config: unknown
  try {
    config = parseJson(text)
  } catch (error) {
    throw new ProblemError({ code: 'notJson', text: (error as Error).message })
  }
  if (typeof config === 'object' && config !== null && 'weight_map' in config) {
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

/** Before a plan is made: the library makes any, and a tab has less memory than a server. */
function checkSize(config: unknown, changes: readonly string[]): void {
  const said = Object.fromEntries(changes.map((change) => change.split('=')))
  const most = (names: readonly string[]) =>
    Math.max(
      1,
      ...names.map((name) => Number(said[name] ?? (config as Record<string, unknown> | null)?.[name]) || 1),
    )
  if (most(LAYER_COUNT_FIELDS) * most(EXPERT_COUNT_FIELDS) > MAX_LAYERS_TIMES_EXPERTS) {
    throw new ProblemError({ code: 'tooManyTensors', most: MAX_LAYERS_TIMES_EXPERTS })
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

export function createTextFiles({ config, files, parameters }: Plan): TextFile[] {
  const texts = [{ name: 'config.json', text: `${formatJson(config)}\n` }]
  return files.length === 1 ? texts : [...texts, { name: INDEX_FILE, text: formatIndex(files, parameters) }]
}

/** Of the tensors whose name has all words of `filter`, `count` from number `first` on. */
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

/** A strategy as it would be called, a mean of 0 going without saying. */
function formatStrategy({ type, ...fields }: Strategy): string {
  const said = Object.entries(fields).filter(([key, value]) => key !== 'mean' || value !== 0)
  const list = said.map(([key, value]) => `${key}: ${formatField(value)}`)
  return list.length === 0 ? `${type}()` : `${type}({ ${list.join(', ')} })`
}

function formatField(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return typeof value === 'object' && value !== null
    ? formatStrategy(value as Strategy)
    : `'${String(value)}'`
}
