/** The current run: its settings, the worker that trains, and the results so far. */

import { computed, effect, signal } from '@preact/signals'
import { proxy } from 'comlink'
import { createWorkerClient, type WorkerClient } from '../worker-rpc.ts'
import { createRunState } from '../run-state.tsx'
import { choiceField, integerField, createPartState } from '../address-state.ts'
import { DATASETS } from './datasets.ts'
import { ACTIVATIONS, type TrainingOptions } from './settings.ts'
import type { StepReport } from './train-networks.ts'
import type { TrainService } from './train.worker.ts'

export const LEARNING_RATES = ['0.01', '0.02', '0.05', '0.1', '0.2'] as const

export const state = createPartState('train', {
  data: choiceField(DATASETS, 'spirals'),
  activation: choiceField(ACTIVATIONS, 'relu'),
  layers: integerField(6, 1, 12),
  rate: choiceField(LEARNING_RATES, '0.05'),
  steps: integerField(300, 100, 1000),
  seed: integerField(1, 0, 99),
})

const options = computed<TrainingOptions>(() => ({
  dataset: state.data.value,
  activation: state.activation.value,
  layers: state.layers.value,
  learningRate: Number(state.rate.value),
  steps: state.steps.value,
  seed: state.seed.value,
}))

/** Its status is 'loading' while the worker loads TensorFlow.js. */
export const run = createRunState()
/** The losses of each step so far and the latest maps. */
export const history = signal<{ losses: readonly (readonly number[])[]; maps?: StepReport['maps'] }>({
  losses: [],
})

let client: WorkerClient<TrainService> | undefined

export function start(): Promise<void> {
  const losses: (readonly number[])[] = []
  let maps: StepReport['maps']
  let isDrawing = false
  history.value = { losses }
  return run.start(client ? 'running' : 'loading', async (isCurrent) => {
    const show = () => {
      isDrawing = false
      if (isCurrent()) history.value = { losses: [...losses], maps }
    }
    const report = async (report: StepReport) => {
      if (!isCurrent()) return
      run.setStatus('running')
      losses.push(report.losses)
      maps = report.maps ?? maps
      if (!isDrawing) requestAnimationFrame(show)
      isDrawing = true
    }
    const { remote, call } = getClient()
    try {
      await call(remote.train(options.peek(), proxy(report)))
    } catch (error) {
      if (isCurrent()) terminateWorker()
      throw error
    }
  })
}

/** Stops the run and keeps its results. */
export function stop(): void {
  if (run.stop()) void client?.remote.stop()
}

function getClient(): WorkerClient<TrainService> {
  return (client ??= createWorkerClient<TrainService>(
    new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' }),
  ))
}

function terminateWorker(): void {
  client?.terminate()
  client = undefined
}

/** A change of the settings restarts a running training and removes the curves of the old settings. */
let previousOptions = options.peek()
effect(() => {
  if (options.value === previousOptions) return
  previousOptions = options.value
  if (run.isActive()) void start()
  else {
    run.reset()
    history.value = { losses: [] }
  }
})
