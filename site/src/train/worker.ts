/** The training, off the page's thread: one run at a time, a new one ends the one before. */

import { expose } from 'comlink'
import type { Options } from './settings.ts'
import { train, type Report } from './training.ts'

let running = new AbortController()

const trainer = {
  async train(options: Options, report: (report: Report) => Promise<void>): Promise<void> {
    running.abort()
    running = new AbortController()
    await train(options, report, running.signal)
  },
  stop(): void {
    running.abort()
  },
}

export type Trainer = typeof trainer
expose(trainer)
