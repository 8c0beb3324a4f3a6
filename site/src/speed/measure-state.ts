/** The current measurement: its settings and the results so far. */

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
  return run.start('loading', async (isCurrent) => {
    const report = async (event: MeasureEvent) => {
      if (!isCurrent()) return
      run.setStatus('running')
      applyEvent(event)
    }
    await call(remote.measure(elements, ROUNDS, proxy(report))).finally(terminate)
  })
}

/** Stops a running measurement and keeps its results. */
export function stop(): void {
  if (run.stop()) client?.terminate()
}

function applyEvent(event: MeasureEvent): void {
  const previous = measurement.peek()!
  if (event.kind === 'engine') {
    measurement.value = { ...previous, info: event.info }
    engineInfo.value = event.info
  } else if (event.kind === 'first') {
    measurement.value = { ...previous, first: { ...previous.first, [event.name]: event.ms } }
  } else {
    const { name, rate, round } = event
    const rates = { ...previous.rates, [name]: [...(previous.rates[name] ?? []), rate] }
    measurement.value = { ...previous, rates, round }
  }
}
