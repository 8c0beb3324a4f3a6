/** The run that is shown: what was asked for, in the address; the worker that trains; and what it has told so far. */

import { computed, effect, signal } from '@preact/signals'
import { proxy } from 'comlink'
import { callable, type Callable } from '../calls.ts'
import { running } from '../running.tsx'
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

/** Its 'loading' is TensorFlow.js, which comes with the worker. */
export const run = running()
/** The losses of each step so far, and the newest maps. */
export const told = signal<{ losses: readonly (readonly number[])[]; maps?: Report['maps'] }>({ losses: [] })

let trainer: Callable<Trainer> | undefined

export function start(): Promise<void> {
  const losses: (readonly number[])[] = []
  let maps: Report['maps']
  let drawing = false
  told.value = { losses }
  return run.begin(trainer ? 'running' : 'loading', async (current) => {
    const show = () => {
      drawing = false
      if (current()) told.value = { losses: [...losses], maps }
    }
    const report = async (report: Report) => {
      if (!current()) return
      run.at('running')
      losses.push(report.losses)
      maps = report.maps ?? maps
      if (!drawing) requestAnimationFrame(show)
      drawing = true
    }
    const { remote, answer } = theTrainer()
    try {
      await answer(remote.train(options.peek(), proxy(report)))
    } catch (error) {
      if (current()) end()
      throw error
    }
  })
}

/** Ends the run; what it has told stays. */
export function stop(): void {
  if (run.stop()) void trainer?.remote.stop()
}

function theTrainer(): Callable<Trainer> {
  return (trainer ??= callable<Trainer>(
    new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
  ))
}

function end(): void {
  trainer?.end()
  trainer = undefined
}

/** Other settings: a run that is under way begins again, and curves of the former ones go. */
let before = options.peek()
effect(() => {
  if (options.value === before) return
  before = options.value
  if (run.underWay()) void start()
  else {
    run.clear()
    told.value = { losses: [] }
  }
})
