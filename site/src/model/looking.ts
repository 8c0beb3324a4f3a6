/** What was dropped or chosen: a config for the plan, or files to inspect, each inspection in a worker of its own. */

import { batch, effect, signal } from '@preact/signals'
import { proxy } from 'comlink'
import { callable, type Callable } from '../calls.ts'
import type { Progress } from './generator.ts'
import type { Found, FoundRow, Inspector } from './inspector.ts'
import { own, state } from './making.ts'
import { ROWS, type Page } from './pages.ts'
import type { Wanted } from './planner.ts'
import { problemOf, type Problem } from './problem.ts'

export type Looking =
  | { readonly step: 'running'; readonly names: readonly string[]; readonly progress: Progress }
  | { readonly step: 'done'; readonly names: readonly string[]; readonly found: Found }
  | { readonly step: 'failed'; readonly names: readonly string[]; readonly problem: Problem }

export const looking = signal<Looking | undefined>(undefined)
export const filter = signal('')
export const first = signal(0)
export const rows = signal<Page<FoundRow>>({ rows: [], total: 0 })

let inspector: Callable<Inspector> | undefined

/** Bytes that a config may have, and be read: the planner says that it is too long. */
const MOST_READ = 10_000_001

/** A file is what its name says, else what it begins with. */
async function isConfig(file: File): Promise<boolean> {
  if (/\.safetensors$/i.test(file.name)) return false
  if (/\.json$/i.test(file.name)) return true
  const [byte] = new Uint8Array(await file.slice(0, 1).arrayBuffer())
  return byte === 0x7b // {
}

/** Takes what a person dropped or chose. */
export async function take(files: readonly File[]): Promise<void> {
  if (files.length === 0) return
  const names = files.map(({ name }) => name)
  try {
    const are = await Promise.all(files.map(isConfig))
    const configs = files.filter((_, i) => are[i])
    const others = files.filter((_, i) => !are[i])
    const config = configs.find(({ name }) => name === 'config.json') ?? configs[0]
    const bytes = config && new Uint8Array(await config.slice(0, MOST_READ).arrayBuffer())
    if (others.length > 0) {
      return await inspect(others, bytes && { source: { bytes }, recipe: 'hf', changes: [] })
    }
    batch(() => {
      own.value = { name: config.name, bytes }
      state.changes.value = ''
      state.dtype.value = 'config'
      state.recipe.value = 'hf'
    })
  } catch (error) {
    looking.value = { step: 'failed', names, problem: problemOf(error) }
  }
}

/** `model` is what the files are to be, if that is known. */
export async function inspect(files: readonly File[], model?: Wanted): Promise<void> {
  forget()
  const names = files.map(({ name }) => name)
  const mine = callable<Inspector>(new Worker(new URL('./inspector.ts', import.meta.url), { type: 'module' }))
  inspector = mine
  const total = files.reduce((sum, { size }) => sum + size, 0)
  looking.value = { step: 'running', names, progress: { done: 0, total } }
  const tell = (progress: Progress) => {
    if (mine === inspector) looking.value = { step: 'running', names, progress }
  }
  const made = await mine
    .answer(mine.remote.inspect(files, model, proxy(tell)))
    .catch((error: unknown) => ({ problem: problemOf(error) }))
  if (mine !== inspector) return
  if ('problem' in made) {
    forget()
    looking.value = { step: 'failed', names, problem: made.problem }
    return
  }
  batch(() => {
    filter.value = ''
    first.value = 0
    looking.value = { step: 'done', names, found: made.value }
  })
}

/** Ends what is under way, and puts away what was found. */
export function forget(): void {
  inspector?.end()
  inspector = undefined
  looking.value = undefined
  rows.value = { rows: [], total: 0 }
}

effect(() => {
  if (looking.value?.step !== 'done') return
  const [words, from] = [filter.value, first.value]
  void inspector?.remote.rows(words, from, ROWS).then((page) => {
    if (words === filter.peek() && from === first.peek()) rows.value = page
  })
})
