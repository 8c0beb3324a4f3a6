/** What is asked for, in the address, and what the worker makes of it: the plan, a page of its tensors, the files. */

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

/** A config.json that was dropped or chosen; it is in the place of the preset. */
export const uploadedConfig = signal<{ readonly name: string; readonly bytes: Uint8Array } | undefined>(
  undefined,
)

/** The recipe with what it takes behind a colon. */
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
/** Another plan is being made. */
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

/** What the worker answers; if it is lost, that. */
async function callService<T>(
  request: (maker: Remote<GenerateService>) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const { remote, call } = getClient()
  try {
    return await call(request(remote))
  } catch (error) {
    return { problem: toProblem(error) }
  }
}

/** Milliseconds without another letter typed. */
const PLAN_DEBOUNCE_MS = 150
let planTimer: ReturnType<typeof setTimeout> | undefined
let latestPlanId = 0

effect(() => {
  const what = planRequest.value
  const mine = ++latestPlanId
  isPlanning.value = true
  clearTimeout(planTimer)
  planTimer = setTimeout(async () => {
    const made = await callService((maker) => maker.plan(what))
    if (mine !== latestPlanId) return
    batch(() => {
      plan.value = made
      isPlanning.value = false
      firstRow.value = 0
      if (generation.peek()?.step !== 'running') generation.value = undefined
    })
  }, PLAN_DEBOUNCE_MS)
})

effect(() => {
  if (!plan.value || 'problem' in plan.value) return
  const [words, from] = [filter.value, firstRow.value]
  void getClient()
    .remote.rows(words, from, ROWS_PER_PAGE)
    .then((page) => {
      if (words === filter.peek() && from === firstRow.peek()) rowPage.value = page
    })
})

/** The dialogs of browsers that can write to the disk; TypeScript does not know them. */
interface Pickers {
  showSaveFilePicker?(options: object): Promise<FileSystemFileHandle>
  showDirectoryPicker?(options: object): Promise<FileSystemDirectoryHandle>
}

/** Can files go straight to where a person says? */
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

/** Asks where to, and generates the plan that is shown. */
export async function generate(summary: PlanSummary): Promise<void> {
  let place: SaveTarget
  try {
    place = await chooseTarget(summary)
  } catch (error) {
    const problem = toProblem(error)
    if (problem.code !== 'cancelled') generation.value = { step: 'failed', problem }
    return
  }
  const model = planRequest.peek()
  generation.value = { step: 'running', progress: { done: 0, total: summary.bytes } }
  const tell = (progress: Progress) => {
    if (generation.peek()?.step === 'running') generation.value = { step: 'running', progress }
  }
  addEventListener('beforeunload', preventUnload)
  const made = await callService((maker) => maker.generate(state.seed.peek().trim(), place, proxy(tell)))
  removeEventListener('beforeunload', preventUnload)
  if ('value' in made) engineInfo.value = made.value.info
  generation.value =
    'problem' in made
      ? { step: 'failed', problem: made.problem }
      : { step: 'done', generated: made.value, saved: place.kind, model }
}

/** A tab that is closed now would leave nothing. */
function preventUnload(event: Event): void {
  event.preventDefault()
}

export function cancel(): void {
  void getClient().remote.cancel()
}

/** The manifest of what was generated: written into its folder, or to be saved. */
export function requestManifest(tell: (progress: Progress) => void): Promise<Outcome<Blob>> {
  return callService((maker) => maker.manifest(proxy(tell)))
}

export function requestDigest(file: Blob, tell: (progress: Progress) => void): Promise<Outcome<string>> {
  return callService((maker) => maker.digest(file, proxy(tell)))
}
