/** The measurement that is shown: its settings, in the address, and what has been told of it. */

import { signal } from '@preact/signals'
import { proxy, wrap } from 'comlink'
import type { EngineInfo } from 'simdinit'
import { engineInfo } from '../engine.ts'
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

export const status = signal<'ready' | 'loading' | 'running' | 'done' | 'stopped'>('ready')
export const failure = signal<string | undefined>(undefined)
export const measured = signal<Measured | undefined>(undefined)

let worker: Worker | undefined

export async function start(): Promise<void> {
  stop()
  const mine = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  worker = mine
  const elements = Number(state.size.value) * 2 ** 20
  measured.value = { elements, first: {}, rates: {}, round: 0 }
  failure.value = undefined
  status.value = 'loading'
  const lost = new Promise<never>((_, reject) => {
    mine.addEventListener('error', (event) => {
      event.preventDefault()
      reject(new Error(event.message || 'the script of the worker could not be loaded'))
    })
  })
  const tell = async (told: Told) => {
    if (mine !== worker) return
    status.value = 'running'
    take(told)
  }
  try {
    await Promise.race([wrap<Meter>(mine).measure(elements, ROUNDS, proxy(tell)), lost])
    if (mine === worker) status.value = 'done'
  } catch (error) {
    if (mine !== worker) return
    failure.value = error instanceof Error ? error.message : String(error)
    status.value = 'stopped'
  } finally {
    mine.terminate()
  }
}

/** Ends a measurement that is under way; what it has told stays. */
export function stop(): void {
  if (status.peek() !== 'running' && status.peek() !== 'loading') return
  worker?.terminate()
  worker = undefined
  status.value = 'stopped'
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
