/** Trains in a worker. A new run stops the previous one. */

import { expose } from 'comlink'
import type { TrainingOptions } from './settings.ts'
import { train, type StepReport } from './train-networks.ts'

let abortController = new AbortController()

const trainService = {
  async train(options: TrainingOptions, report: (report: StepReport) => Promise<void>): Promise<void> {
    abortController.abort()
    abortController = new AbortController()
    await train(options, report, abortController.signal)
  },
  stop(): void {
    abortController.abort()
  },
}

export type TrainService = typeof trainService
expose(trainService)
