/** The run that is shown: what was asked for, in the address; the worker that trains; and what it has told so far. */

import { batch, computed, effect, signal } from '@preact/signals'
import { proxy, wrap, type Remote } from 'comlink'
import { choice, integer, partState } from '../state.ts'
import { DATASETS } from './data.ts'
import { ACTIVATIONS, type Options } from './settings.ts'
import type { Report } from './training.ts'
import type { Trainer } from './worker.ts'

export const RATES = ['0.01', '0.02', '0.05', '0.1', '0.2'] as const

export const state = partState('train', {
  data: choice(DATASETS, 'spirals'),
  activation: choice(ACTIVATIONS, 'relu'),
  layers: integer(6, 1, 12),
  rate: choice(RATES, '0.05'),
  steps: integer(300, 100, 1000),
  seed: integer(1, 0, 99),
})

const options = computed<Options>(() => ({
  dataset: state.data.value,
  activation: state.activation.value,
  layers: state.layers.value,
  rate: Number(state.rate.value),
  steps: state.steps.value,
  seed: state.seed.value,
}))

/** 'loading' is TensorFlow.js, which comes with the worker. */
export const status = signal<'ready' | 'loading' | 'running' | 'done' | 'stopped'>('ready')
/** Why it could not go on. */
export const failure = signal<string | undefined>(undefined)
/** The losses of each step so far, and the newest maps. */
export const told = signal<{ losses: readonly (readonly number[])[]; maps?: Report['maps'] }>({ losses: [] })

let worker: Worker | undefined
let trainer: Remote<Trainer> | undefined
let current = 0

export async function start(): Promise<void> {
  const mine = ++current
  const losses: (readonly number[])[] = []
  let maps: Report['maps']
  let drawing = false
  batch(() => {
    failure.value = undefined
    status.value = trainer ? 'running' : 'loading'
    told.value = { losses }
  })
  const show = () => {
    drawing = false
    if (mine === current) told.value = { losses: [...losses], maps }
  }
  const report = async (report: Report) => {
    if (mine !== current) return
    status.value = 'running'
    losses.push(report.losses)
    maps = report.maps ?? maps
    if (!drawing) requestAnimationFrame(show)
    drawing = true
  }
  try {
    await Promise.race([theTrainer().train(options.peek(), proxy(report)), lost])
    if (mine === current) status.value = 'done'
  } catch (error) {
    if (mine !== current) return
    failure.value = error instanceof Error ? error.message : String(error)
    end()
  }
}

/** Ends the run; what it has told stays. */
export function stop(): void {
  if (status.peek() !== 'running' && status.peek() !== 'loading') return
  current++
  status.value = 'stopped'
  void trainer?.stop()
}

/** Rejected when the worker is lost. */
let lost: Promise<never>

function theTrainer(): Remote<Trainer> {
  if (trainer) return trainer
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  lost = new Promise((_, reject) => {
    worker!.addEventListener('error', (event) => {
      event.preventDefault()
      reject(new Error(event.message || 'the script of the worker could not be loaded'))
    })
  })
  lost.catch(() => {}) // it matters to a run alone
  return (trainer = wrap<Trainer>(worker))
}

function end(): void {
  worker?.terminate()
  worker = trainer = undefined
  status.value = 'stopped'
}

/** Other settings: a run that is under way begins again, and curves of the former ones go. */
let before = options.peek()
effect(() => {
  if (options.value === before) return
  before = options.value
  const running = status.peek() === 'running' || status.peek() === 'loading'
  current++
  if (running) void start()
  else {
    status.value = 'ready'
    told.value = { losses: [] }
  }
})
