/** The state of the form, and what the worker computes from it: the plan, a page of its tensors, the files. */

import { batch, computed, effect, signal } from '@preact/signals'
import { proxy, type Remote } from 'comlink'
import { DTYPES } from 'simdinit'
import { PRESETS, RECIPES } from 'simdinit/models'
import { createWorkerClient, type WorkerClient } from '../worker-rpc.ts'
import { engineInfo } from '../engine.ts'
import { choiceField, createPartState, textField } from '../address-state.ts'
import type { GenerationResult, Progress } from './generate-files.ts'
import { ROWS_PER_PAGE, type Page } from './paging.ts'
import type { SaveTarget } from './save-targets.ts'
import type { PlanRow, PlanSummary, PlanRequest } from './plan-service.ts'
import { toProblem, type Outcome, type Problem } from './problem.ts'
import type { GenerateService } from './plan.worker.ts'

export const state = createPartState('model', {
  preset: choiceField(Object.keys(PRESETS), 'gpt2'),
  dtype: choiceField(['config', ...DTYPES] as const, 'config'),
  recipe: choiceField(
    RECIPES.map(({ name }) => name),
    'hf',
  ),
  width: textField('256', 12),
  seed: textField('0', 100),
  changes: textField(''),
  shard: textField('5GB', 20),
})

/** A config.json that was dropped or chosen; it replaces the preset. */
export const uploadedConfig = signal<{ readonly name: string; readonly bytes: Uint8Array } | undefined>(
  undefined,
)

/** The recipe with its argument, such as `mup:256`. */
export const recipe = computed(() => {
  const known = RECIPES.find(({ name }) => name === state.recipe.value)
  return known?.argument ? `${state.recipe.value}:${state.width.value.trim()}` : state.recipe.value
})

const planRequest = computed<PlanRequest>(() => ({
  source: uploadedConfig.value ? { bytes: uploadedConfig.value.bytes } : { preset: state.preset.value },
  recipe: recipe.value,
  changes: state.changes.value.split(/\s+/).filter(Boolean),
  maxShardSize: state.shard.value,
  ...(state.dtype.value !== 'config' && { dtype: state.dtype.value }),
}))

export const plan = signal<Outcome<PlanSummary> | undefined>(undefined)
/** Whether another plan is being computed. */
export const isPlanning = signal(true)

export const filter = signal('')
export const firstRow = signal(0)
export const rowPage = signal<Page<PlanRow>>({ rows: [], total: 0 })

export type GenerationState =
  | { readonly step: 'running'; readonly progress: Progress }
  | {
      readonly step: 'done'
      readonly generated: GenerationResult
      readonly saved: SaveTarget['kind']
      readonly model: PlanRequest
    }
  | { readonly step: 'failed'; readonly problem: Problem }

export const generation = signal<GenerationState | undefined>(undefined)

let client: WorkerClient<GenerateService> | undefined

function getClient(): WorkerClient<GenerateService> {
  return (client ??= createWorkerClient<GenerateService>(
    new Worker(new URL('./plan.worker.ts', import.meta.url), { type: 'module' }),
    () => (client = undefined),
  ))
}

/** Calls the worker. A worker that fails is a problem of the outcome. */
async function callService<T>(
  request: (service: Remote<GenerateService>) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const { remote, call } = getClient()
  try {
    return await call(request(remote))
  } catch (error) {
    return { problem: toProblem(error) }
  }
}

/** Milliseconds without a change before a plan is requested. */
const PLAN_DEBOUNCE_MS = 150
let planTimer: ReturnType<typeof setTimeout> | undefined
let latestPlanId = 0

effect(() => {
  const request = planRequest.value
  const id = ++latestPlanId
  isPlanning.value = true
  clearTimeout(planTimer)
  planTimer = setTimeout(async () => {
    const outcome = await callService((service) => service.plan(request))
    if (id !== latestPlanId) return
    batch(() => {
      plan.value = outcome
      isPlanning.value = false
      firstRow.value = 0
      if (generation.peek()?.step !== 'running') generation.value = undefined
    })
  }, PLAN_DEBOUNCE_MS)
})

effect(() => {
  if (!plan.value || 'problem' in plan.value) return
  const [words, first] = [filter.value, firstRow.value]
  void getClient()
    .remote.rows(words, first, ROWS_PER_PAGE)
    .then((page) => {
      if (words === filter.peek() && first === firstRow.peek()) rowPage.value = page
    })
})

/** The dialogs of browsers that can write to the disk. TypeScript does not declare them. */
interface Pickers {
  showSaveFilePicker?(options: object): Promise<FileSystemFileHandle>
  showDirectoryPicker?(options: object): Promise<FileSystemDirectoryHandle>
}

/** Whether the browser lets a person choose where to write. */
export function canPickTarget(files: number): boolean {
  const { showSaveFilePicker, showDirectoryPicker } = globalThis as Pickers
  return (files === 1 ? showSaveFilePicker : showDirectoryPicker) !== undefined
}

async function chooseTarget({ files }: PlanSummary): Promise<SaveTarget> {
  const pickers = globalThis as Pickers
  if (!canPickTarget(files.length)) return { kind: 'download' }
  if (files.length > 1) {
    return { kind: 'folder', handle: await pickers.showDirectoryPicker!({ mode: 'readwrite' }) }
  }
  const types = [{ accept: { 'application/octet-stream': ['.safetensors'] } }]
  const handle = await pickers.showSaveFilePicker!({ suggestedName: files[0].name, types })
  return { kind: 'file', handle }
}

/** Lets the person choose a target and generates the current plan. */
export async function generate(summary: PlanSummary): Promise<void> {
  let target: SaveTarget
  try {
    target = await chooseTarget(summary)
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code !== 'cancelled') generation.value = { step: 'failed', problem }
    return
  }
  const model = planRequest.peek()
  generation.value = { step: 'running', progress: { done: 0, total: summary.bytes } }
  const onProgress = (progress: Progress) => {
    if (generation.peek()?.step === 'running') generation.value = { step: 'running', progress }
  }
  addEventListener('beforeunload', preventUnload)
  const outcome = await callService((service) =>
    service.generate(state.seed.peek().trim(), target, proxy(onProgress)),
  )
  removeEventListener('beforeunload', preventUnload)
  if ('value' in outcome) engineInfo.value = outcome.value.info
  generation.value =
    'problem' in outcome
      ? { step: 'failed', problem: outcome.problem }
      : { step: 'done', generated: outcome.value, saved: target.kind, model }
}

/** Warns before the tab is closed, which would discard the files. */
function preventUnload(event: Event): void {
  event.preventDefault()
}

export function cancel(): void {
  void getClient().remote.cancel()
}

/** The manifest of the generated files: written to their folder, or returned for saving. */
export function requestManifest(onProgress: (progress: Progress) => void): Promise<Outcome<Blob>> {
  return callService((service) => service.manifest(proxy(onProgress)))
}

export function requestDigest(
  file: Blob,
  onProgress: (progress: Progress) => void,
): Promise<Outcome<string>> {
  return callService((service) => service.digest(file, proxy(onProgress)))
}
