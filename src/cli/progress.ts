/** A progress bar on stderr, where that is a terminal and somebody wants one. */

import { SingleBar } from 'cli-progress'

export interface Progress {
  readonly update: (progress: { done: number; total: number }) => void
  /** Takes the bar away; what was done is told by the result. */
  readonly stop: () => void
}

export function progressBar(label: string, wanted: boolean): Progress {
  if (!wanted || !process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar({
    format: `${label} {bar} {percentage} %  {done} of {all} MB  {rate} MB/s  {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  })
  const started = performance.now()
  let begun = false
  return {
    update({ done, total }) {
      const seconds = (performance.now() - started) / 1000
      const payload = {
        done: (done / 1e6).toFixed(0),
        all: (total / 1e6).toFixed(0),
        rate: (done / 1e6 / Math.max(seconds, 1e-3)).toFixed(0),
      }
      if (!begun) bar.start(total, done, payload)
      else bar.update(done, payload)
      begun = true
    },
    stop: () => bar.stop(),
  }
}
