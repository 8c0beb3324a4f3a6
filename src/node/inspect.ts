/** Statistics of a checkpoint on the disk, and what looks wrong in it. Nothing is written. */

import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { anObject, oneOf } from '../errors.ts'
import {
  findingsOf,
  inspectFiles,
  JsPasses,
  patternOf,
  WasmPasses,
  type Finding,
  type InspectedFile,
  type InspectedTensor,
  type Passes,
} from '../inspect/index.ts'
import { InputError, planModel, type Plan, type PlannedTensor } from '../models/index.ts'
import { FormatError, type ByteSource } from '../safetensors/index.ts'
import { findCheckpoint, type Checkpoint } from './shards.ts'
import { readJson, sayCode } from './source.ts'

export interface InspectOptions {
  /** 'auto' (default) is wasm where it runs, else js; the results are the same. */
  backend?: 'auto' | 'wasm' | 'js'
  /** The recipe that a model is compared with: a name, or the recipe as data. Default 'hf'. */
  recipe?: string | object
  signal?: AbortSignal
  onProgress?: (progress: { done: number; total: number }) => void
}

export interface InspectResult {
  readonly path: string
  readonly files: readonly InspectedFile[]
  /** File by file, in the order of their bytes. */
  readonly tensors: readonly InspectedTensor[]
  readonly parameters: number
  /** What looks wrong. */
  readonly findings: readonly Finding[]
  /** What the tensors were compared with, or why with nothing. */
  readonly recipe:
    | { readonly architecture: string; readonly recipe: string | object }
    | { readonly none: string }
  readonly backend: 'wasm' | 'js'
  readonly seconds: number
}

/** Throws an InputError for what is no safetensors file or folder of them, with the reason. */
export async function inspect(path: string, options: InspectOptions = {}): Promise<InspectResult> {
  const started = performance.now()
  anObject('options', options, ['backend', 'recipe', 'signal', 'onProgress'])
  const { backend = 'auto', recipe, signal, onProgress } = options
  oneOf('backend', backend, ['auto', 'wasm', 'js'])
  const checkpoint = findCheckpoint(path)
  const { folder } = checkpoint
  const total = checkpoint.files.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0)
  const plan = planOf(folder, recipe)
  const planned = 'none' in plan ? undefined : namesOf(plan)
  const passes = await passesFor(backend)
  let done = 0
  const { files, tensors } = await inspectFiles(checkpoint.files, (name) => openFile(join(folder, name)), {
    passes,
    hash: () => createHash('sha256'),
    planned,
    layers: 'none' in plan ? undefined : plan.layers,
    onBytes(some) {
      signal?.throwIfAborted()
      onProgress?.({ done: Math.min(total, (done += some)), total })
    },
  }).catch((error: unknown) => {
    throw error instanceof FormatError ? new InputError(join(folder, error.message), { cause: error }) : error
  })
  const known = planned !== undefined && tensors.some(({ name }) => planned.has(name))
  return {
    path,
    files,
    tensors,
    parameters: tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    findings: [
      ...atIndex(checkpoint, tensors),
      ...(known ? ofModel(plan as Plan, planned, tensors) : []),
      ...findingsOf(tensors),
    ],
    recipe: comparedWith(plan, known),
    backend: passes.name,
    seconds: (performance.now() - started) / 1000,
  }
}

async function passesFor(backend: 'auto' | 'wasm' | 'js'): Promise<Passes> {
  if (backend === 'js') return new JsPasses()
  try {
    return await WasmPasses.create()
  } catch (error) {
    if (backend === 'wasm') throw error
    return new JsPasses()
  }
}

/** The plan of the model whose config lies beside the files, or why there is none. */
function planOf(folder: string, recipe: string | object | undefined): Plan | { none: string } {
  const config = join(folder, 'config.json')
  if (!existsSync(config)) {
    if (recipe !== undefined) throw new InputError(`${config}: a recipe needs it, and there is no such file`)
    return { none: 'there is no config.json' }
  }
  try {
    return planModel(readJson(config), { recipe })
  } catch (error) {
    if (!(error instanceof InputError) || recipe !== undefined) throw error
    return { none: error.message }
  }
}

/** By name; files of a model without its head lack `transformer.` or `model.` before each. */
function namesOf({ files }: Plan): Map<string, PlannedTensor> {
  const tensors = files.flatMap((file) => file.tensors)
  const names = new Map<string, PlannedTensor>()
  const body = tensors.map(({ name }) => /^(?:transformer|model|bert)\./.exec(name)?.[0] ?? '')
  for (const [i, tensor] of tensors.entries()) names.set(tensor.name.slice(body[i].length), tensor)
  for (const tensor of tensors) names.set(tensor.name, tensor)
  return names
}

function comparedWith(plan: Plan | { none: string }, known: boolean): InspectResult['recipe'] {
  if ('none' in plan) return plan
  if (!known) return { none: `no tensor has a name of ${plan.architecture}, which config.json names` }
  return { architecture: plan.architecture, recipe: plan.recipe }
}

function atIndex({ homes }: Checkpoint, tensors: readonly InspectedTensor[]): Finding[] {
  if (!homes) return []
  const there = new Set(tensors.map(({ name, file }) => `${file} ${name}`))
  const wrong = [...homes].filter(([name, file]) => !there.has(`${file} ${name}`)).map(([name]) => name)
  const unnamed = tensors.filter(({ name }) => !homes.has(name)).map(({ name }) => name)
  return [
    ...together('index', wrong, 'not in the file that the index names'),
    ...together('index', unnamed, 'not in the index'),
  ]
}

function ofModel(
  plan: Plan,
  planned: ReadonlyMap<string, PlannedTensor>,
  tensors: readonly InspectedTensor[],
): Finding[] {
  const there = new Set(tensors.map(({ name }) => planned.get(name)?.name))
  const all = plan.files.flatMap((file) => file.tensors.map(({ name }) => name))
  const missing = all.filter((name) => !there.has(name))
  const others = tensors.filter(({ name }) => !planned.has(name)).map(({ name }) => name)
  return [
    ...together('names', missing, `missing: ${plan.architecture} has it`),
    ...together('names', others, `${plan.architecture} has no such tensor`),
  ]
}

/** One finding for names that differ in numbers alone. */
function together(kind: Finding['kind'], names: readonly string[], text: string): Finding[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const pattern = patternOf(name)
    const group = groups.get(pattern)
    if (group) group.push(name)
    else groups.set(pattern, [name])
  }
  return [...groups].map(([pattern, tensors]) =>
    tensors.length === 1
      ? { kind, about: tensors[0], tensors, text }
      : { kind, about: pattern, tensors, text: `${text}; ${tensors.length} tensors of this kind` },
  )
}

function sizeOf(path: string): number {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new InputError(`${path}: it is not a file`)
    return stat.size
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${path}: ${sayCode((error as NodeJS.ErrnoException).code)}`, { cause: error })
  }
}

async function openFile(path: string): Promise<{ source: ByteSource; close: () => Promise<void> }> {
  const size = sizeOf(path)
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: ${sayCode(error.code)}`, { cause: error })
  })
  const source: ByteSource = {
    size,
    async read(position, length, room = new Uint8Array(length)) {
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(room, done, length - done, position + done)
        if (bytesRead === 0) throw new FormatError('it became shorter while it was read')
        done += bytesRead
      }
      return room.subarray(0, length)
    },
  }
  return { source, close: () => file.close() }
}
