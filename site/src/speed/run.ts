/** The measurement that is shown: its settings, in the address, and what has been told of it. */

import { signal } from '@preact/signals'
import { proxy } from 'comlink'
import type { EngineInfo } from 'simdinit'
import { callable, type Callable } from '../calls.ts'
import { engineInfo } from '../engine.ts'
import { running } from '../running.tsx'
import { choice, partState } from '../state.ts'
import type { Case } from './cases.ts'
import type { Told } from './measure.ts'
import type { Meter } from './worker.ts'

export const SIZES = ['1', '4', '16'] as const
export const ROUNDS = 7

/** In Mi, 2^20 values. */
export const state = partState('speed', { size: choice(SIZES, '4') })

export interface Measured {
  readonly elements: number
  readonly info?: EngineInfo
  readonly first: Partial<Record<Case, number>>
  readonly rates: Partial<Record<Case, readonly number[]>>
  readonly round: number
}

export const run = running()
export const measured = signal<Measured | undefined>(undefined)

let meter: Callable<Meter> | undefined

export function start(): Promise<void> {
  stop()
  const elements = Number(state.size.value) * 2 ** 20
  measured.value = { elements, first: {}, rates: {}, round: 0 }
  const { remote, answer, end } = (meter = callable<Meter>(
    new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
  ))
  return run.begin('loading', async (current) => {
    const tell = async (told: Told) => {
      if (!current()) return
      run.at('running')
      take(told)
    }
    await answer(remote.measure(elements, ROUNDS, proxy(tell))).finally(end)
  })
}

/** Ends a measurement that is under way; what it has told stays. */
export function stop(): void {
  if (run.stop()) meter?.end()
}

function take(told: Told): void {
  const before = measured.peek()!
  if (told.kind === 'engine') {
    measured.value = { ...before, info: told.info }
    engineInfo.value = told.info
  } else if (told.kind === 'first') {
    measured.value = { ...before, first: { ...before.first, [told.name]: told.ms } }
  } else {
    const { name, rate, round } = told
    const rates = { ...before.rates, [name]: [...(before.rates[name] ?? []), rate] }
    measured.value = { ...before, rates, round }
  }
}
