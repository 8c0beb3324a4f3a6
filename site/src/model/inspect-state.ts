/** Dropped or chosen files: a config for the plan, or files to inspect. Each inspection has its own worker. */

import { batch, effect, signal } from '@preact/signals'
import { proxy } from 'comlink'
import { createWorkerClient, type WorkerClient } from '../worker-rpc.ts'
import type { Progress } from './generate-files.ts'
import type { InspectionSummary, InspectionRow, InspectService } from './inspect.worker.ts'
import { uploadedConfig, state } from './generate-state.ts'
import { ROWS_PER_PAGE, type Page } from './paging.ts'
import type { PlanRequest } from './plan-service.ts'
import { toProblem, type Problem } from './problem.ts'

export type InspectionState =
  | { readonly step: 'running'; readonly names: readonly string[]; readonly progress: Progress }
  | { readonly step: 'done'; readonly names: readonly string[]; readonly found: InspectionSummary }
  | { readonly step: 'failed'; readonly names: readonly string[]; readonly problem: Problem }

export const inspection = signal<InspectionState | undefined>(undefined)
export const filter = signal('')
export const firstRow = signal(0)
export const rowPage = signal<Page<InspectionRow>>({ rows: [], total: 0 })

let client: WorkerClient<InspectService> | undefined

/** The most bytes that are read of a config: one more than the plan accepts, so that it reports the problem. */
const MAX_CONFIG_READ_BYTES = 10_000_001

/** Decides by the name of a file, otherwise by its first byte. */
async function isConfig(file: File): Promise<boolean> {
  if (/\.safetensors$/i.test(file.name)) return false
  if (/\.json$/i.test(file.name)) return true
  const [byte] = new Uint8Array(await file.slice(0, 1).arrayBuffer())
  return byte === 0x7b // {
}

/** Handles files that a person dropped or chose. */
export async function acceptFiles(files: readonly File[]): Promise<void> {
  if (files.length === 0) return
  const names = files.map(({ name }) => name)
  try {
    const configFlags = await Promise.all(files.map(isConfig))
    const configs = files.filter((_, i) => configFlags[i])
    const others = files.filter((_, i) => !configFlags[i])
    const config = configs.find(({ name }) => name === 'config.json') ?? configs[0]
    const bytes = config && new Uint8Array(await config.slice(0, MAX_CONFIG_READ_BYTES).arrayBuffer())
    if (others.length > 0) {
      return await inspect(others, bytes && { source: { bytes }, recipe: 'hf', changes: [] })
    }
    batch(() => {
      uploadedConfig.value = { name: config.name, bytes }
      state.changes.value = ''
      state.dtype.value = 'config'
      state.recipe.value = 'hf'
    })
  } catch (error) {
    inspection.value = { step: 'failed', names, problem: toProblem(error) }
  }
}

/** Inspects files. `model` is the expected model, if known. */
export async function inspect(files: readonly File[], model?: PlanRequest): Promise<void> {
  closeInspection()
  const names = files.map(({ name }) => name)
  const ownClient = createWorkerClient<InspectService>(
    new Worker(new URL('./inspect.worker.ts', import.meta.url), { type: 'module' }),
  )
  client = ownClient
  const total = files.reduce((sum, { size }) => sum + size, 0)
  inspection.value = { step: 'running', names, progress: { done: 0, total } }
  const onProgress = (progress: Progress) => {
    if (ownClient === client) inspection.value = { step: 'running', names, progress }
  }
  const outcome = await ownClient
    .call(ownClient.remote.inspect(files, model, proxy(onProgress)))
    .catch((error: unknown) => ({ problem: toProblem(error) }))
  if (ownClient !== client) return
  if ('problem' in outcome) {
    closeInspection()
    inspection.value = { step: 'failed', names, problem: outcome.problem }
    return
  }
  batch(() => {
    filter.value = ''
    firstRow.value = 0
    inspection.value = { step: 'done', names, found: outcome.value }
  })
}

/** Stops a running inspection and removes its results. */
export function closeInspection(): void {
  client?.terminate()
  client = undefined
  inspection.value = undefined
  rowPage.value = { rows: [], total: 0 }
}

effect(() => {
  if (inspection.value?.step !== 'done') return
  const [words, from] = [filter.value, firstRow.value]
  void client?.remote.rows(words, from, ROWS_PER_PAGE).then((page) => {
    if (words === filter.peek() && from === firstRow.peek()) rowPage.value = page
  })
})
