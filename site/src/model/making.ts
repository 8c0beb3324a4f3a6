/** What is asked for, in the address, and what the worker makes of it: the plan, a page of its tensors, the files. */

import { batch, computed, effect, signal } from '@preact/signals'
import { proxy, type Remote } from 'comlink'
import { DTYPES } from 'simdinit'
import { PRESETS, RECIPES } from 'simdinit/models'
import { callable, type Callable } from '../calls.ts'
import { engineInfo } from '../engine.ts'
import { choice, partState, text } from '../state.ts'
import type { Generated, Progress } from './generator.ts'
import { ROWS, type Page } from './pages.ts'
import type { Place } from './places.ts'
import type { Row, Summary, Wanted } from './planner.ts'
import { problemOf, type Outcome, type Problem } from './problem.ts'
import type { Maker } from './worker.ts'

export const state = partState('model', {
  preset: choice(Object.keys(PRESETS), 'gpt2'),
  dtype: choice(['config', ...DTYPES] as const, 'config'),
  recipe: choice(
    RECIPES.map(({ name }) => name),
    'hf',
  ),
  width: text('256', 12),
  seed: text('0', 100),
  changes: text(''),
  shard: text('5GB', 20),
})

/** A config.json that was dropped or chosen; it is in the place of the preset. */
export const own = signal<{ readonly name: string; readonly bytes: Uint8Array } | undefined>(undefined)

/** The recipe with what it takes behind a colon. */
export const recipe = computed(() => {
  const known = RECIPES.find(({ name }) => name === state.recipe.value)
  return known?.argument ? `${state.recipe.value}:${state.width.value.trim()}` : state.recipe.value
})

const wanted = computed<Wanted>(() => ({
  source: own.value ? { bytes: own.value.bytes } : { preset: state.preset.value },
  recipe: recipe.value,
  changes: state.changes.value.split(/\s+/).filter(Boolean),
  shard: state.shard.value,
  ...(state.dtype.value !== 'config' && { dtype: state.dtype.value }),
}))

export const plan = signal<Outcome<Summary> | undefined>(undefined)
/** Another plan is being made. */
export const planning = signal(true)

export const filter = signal('')
export const first = signal(0)
export const rows = signal<Page<Row>>({ rows: [], total: 0 })

export type Making =
  | { readonly step: 'running'; readonly progress: Progress }
  | {
      readonly step: 'done'
      readonly generated: Generated
      readonly saved: Place['kind']
      readonly model: Wanted
    }
  | { readonly step: 'failed'; readonly problem: Problem }

export const making = signal<Making | undefined>(undefined)

let maker: Callable<Maker> | undefined

function theMaker(): Callable<Maker> {
  return (maker ??= callable<Maker>(
    new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
    () => (maker = undefined),
  ))
}

/** What the worker answers; if it is lost, that. */
async function asked<T>(call: (maker: Remote<Maker>) => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const { remote, answer } = theMaker()
  try {
    return await answer(call(remote))
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

/** Milliseconds without another letter typed. */
const REST = 150
let timer: ReturnType<typeof setTimeout> | undefined
let latest = 0

effect(() => {
  const what = wanted.value
  const mine = ++latest
  planning.value = true
  clearTimeout(timer)
  timer = setTimeout(async () => {
    const made = await asked((maker) => maker.plan(what))
    if (mine !== latest) return
    batch(() => {
      plan.value = made
      planning.value = false
      first.value = 0
      if (making.peek()?.step !== 'running') making.value = undefined
    })
  }, REST)
})

effect(() => {
  if (!plan.value || 'problem' in plan.value) return
  const [words, from] = [filter.value, first.value]
  void theMaker()
    .remote.rows(words, from, ROWS)
    .then((page) => {
      if (words === filter.peek() && from === first.peek()) rows.value = page
    })
})

/** The dialogs of browsers that can write to the disk; TypeScript does not know them. */
interface Pickers {
  showSaveFilePicker?(options: object): Promise<FileSystemFileHandle>
  showDirectoryPicker?(options: object): Promise<FileSystemDirectoryHandle>
}

/** Can files go straight to where a person says? */
export function picks(files: number): boolean {
  const { showSaveFilePicker, showDirectoryPicker } = globalThis as Pickers
  return (files === 1 ? showSaveFilePicker : showDirectoryPicker) !== undefined
}

async function placeFor({ files }: Summary): Promise<Place> {
  const pickers = globalThis as Pickers
  if (!picks(files.length)) return { kind: 'download' }
  if (files.length > 1) {
    return { kind: 'folder', handle: await pickers.showDirectoryPicker!({ mode: 'readwrite' }) }
  }
  const types = [{ accept: { 'application/octet-stream': ['.safetensors'] } }]
  const handle = await pickers.showSaveFilePicker!({ suggestedName: files[0].name, types })
  return { kind: 'file', handle }
}

/** Asks where to, and generates the plan that is shown. */
export async function generate(summary: Summary): Promise<void> {
  let place: Place
  try {
    place = await placeFor(summary)
  } catch (error) {
    const problem = problemOf(error)
    if (problem.code !== 'cancelled') making.value = { step: 'failed', problem }
    return
  }
  const model = wanted.peek()
  making.value = { step: 'running', progress: { done: 0, total: summary.bytes } }
  const tell = (progress: Progress) => {
    if (making.peek()?.step === 'running') making.value = { step: 'running', progress }
  }
  addEventListener('beforeunload', warn)
  const made = await asked((maker) => maker.generate(state.seed.peek().trim(), place, proxy(tell)))
  removeEventListener('beforeunload', warn)
  if ('value' in made) engineInfo.value = made.value.info
  making.value =
    'problem' in made
      ? { step: 'failed', problem: made.problem }
      : { step: 'done', generated: made.value, saved: place.kind, model }
}

/** A tab that is closed now would leave nothing. */
function warn(event: Event): void {
  event.preventDefault()
}

export function cancel(): void {
  void theMaker().remote.cancel()
}

/** The manifest of what was generated: written into its folder, or to be saved. */
export function manifest(tell: (progress: Progress) => void): Promise<Outcome<Blob>> {
  return asked((maker) => maker.manifest(proxy(tell)))
}

export function digest(file: Blob, tell: (progress: Progress) => void): Promise<Outcome<string>> {
  return asked((maker) => maker.digest(file, proxy(tell)))
}
