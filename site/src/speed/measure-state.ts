/** The measurement that is shown: its settings, in the address, and what has been told of it. */

import { signal } from '@preact/signals'
import { proxy } from 'comlink'
import type { EngineInfo } from 'simdinit'
import { createWorkerClient, type WorkerClient } from '../worker-rpc.ts'
import { engineInfo } from '../engine.ts'
import { createRunState } from '../run-state.tsx'
import { choiceField, createPartState } from '../address-state.ts'
import type { Case } from './cases.ts'
import type { MeasureEvent } from './measure.ts'
import type { MeasureService } from './measure.worker.ts'

export const SIZES = ['1', '4', '16'] as const
export const ROUNDS = 7

/** In Mi, 2^20 values. */
export const state = createPartState('speed', { size: choiceField(SIZES, '4') })

export interface Measurement {
  readonly elements: number
  readonly info?: EngineInfo
  readonly first: Partial<Record<Case, number>>
  readonly rates: Partial<Record<Case, readonly number[]>>
  readonly round: number
}

export const run = createRunState()
export const measurement = signal<Measurement | undefined>(undefined)

let client: WorkerClient<MeasureService> | undefined

export function start(): Promise<void> {
  stop()
  const elements = Number(state.size.value) * 2 ** 20
  measurement.value = { elements, first: {}, rates: {}, round: 0 }
  const { remote, call, terminate } = (client = createWorkerClient<MeasureService>(
    new Worker(new URL('./measure.worker.ts', import.meta.url), { type: 'module' }),
  ))
  return run.start('loading', async (current) => {
    const tell = async (told: MeasureEvent) => {
      if (!current()) return
      run.setStatus('running')
      applyEvent(told)
    }
    await call(remote.measure(elements, ROUNDS, proxy(tell))).finally(terminate)
  })
}

/** Ends a measurement that is under way; what it has told stays. */
export function stop(): void {
  if (run.stop()) client?.terminate()
}

function applyEvent(told: MeasureEvent): void {
  const before = measurement.peek()!
  if (told.kind === 'engine') {
    measurement.value = { ...before, info: told.info }
    engineInfo.value = told.info
  } else if (told.kind === 'first') {
    measurement.value = { ...before, first: { ...before.first, [told.name]: told.ms } }
  } else {
    const { name, rate, round } = told
    const rates = { ...before.rates, [name]: [...(before.rates[name] ?? []), rate] }
    measurement.value = { ...before, rates, round }
  }
}
