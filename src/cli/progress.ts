/**
 * Progress on stderr: a line and a bar on a terminal that can move its cursor; with --json a line of JSON at the start and every second;
 * otherwise nothing.
 */

import type { InitStart } from '../node/index.ts'
import { printJsonLine } from './output.ts'

export interface Progress {
  readonly start: (info: InitStart) => void
  readonly update: (progress: { done: number; total: number }) => void
  /** Removes the bar. */
  readonly stop: () => void
}

const REPORT_INTERVAL_MS = 1000

export async function createProgress(
  command: string,
  { json, quiet }: { json?: boolean; quiet?: boolean },
): Promise<Progress> {
  if (!quiet && json) return createJsonProgress(command)
  if (!quiet && process.stderr.isTTY && process.env.TERM !== 'dumb') return createProgressBar(command)
  return { start: () => {}, update: () => {}, stop: () => {} }
}

function createJsonProgress(command: string): Progress {
  const startTime = performance.now()
  let lastReport = startTime
  return {
    start: (info) => printJsonLine({ event: 'start', command, ...info }),
    update(progress) {
      const now = performance.now()
      if (now - lastReport < REPORT_INTERVAL_MS) return
      lastReport = now
      printJsonLine({ event: 'progress', command, ...progress, seconds: Math.round(now - startTime) / 1000 })
    },
    stop: () => {},
  }
}

async function createProgressBar(command: string): Promise<Progress> {
  const { SingleBar } = await import('cli-progress') // loaded here, so that the command starts faster without a bar
  const bar = new SingleBar({
    format: `${command} {bar} {percentage}%  {doneMegabytes} of {totalMegabytes} MB  {rate} MB/s  {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  })
  const startTime = performance.now()
  let isStarted = false
  return {
    start({ files, bytes, free }) {
      const count = files === 1 ? '1 file' : `${files} files`
      const space = free === Infinity ? '' : ` (${formatMegabytes(free)} MB free)`
      process.stderr.write(`writing ${count}, ${formatMegabytes(bytes)} MB${space}\n`)
    },
    update({ done, total }) {
      const seconds = (performance.now() - startTime) / 1000
      const payload = {
        doneMegabytes: formatMegabytes(done),
        totalMegabytes: formatMegabytes(total),
        rate: formatMegabytes(done / Math.max(seconds, 1e-3)),
      }
      if (isStarted) bar.update(done, payload)
      else bar.start(total, done, payload)
      isStarted = true
    },
    stop: () => bar.stop(),
  }
}

function formatMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}
