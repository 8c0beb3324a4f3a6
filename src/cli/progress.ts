/**
 * What is under way, on stderr: a line and a bar for people, where that is a terminal; with --json a line of JSON at
 * the start and every second, for machines.
 */

import type { Estimate } from '../node/index.ts'

export interface Progress {
  readonly start: (estimate: Estimate) => void
  readonly update: (progress: { done: number; total: number }) => void
  /** Takes the bar away; what was done is told by the result. */
  readonly stop: () => void
}

const formatMegabytes = (bytes: number) => (bytes / 1e6).toFixed(0)

/** Milliseconds from one line of JSON to the next. */
const REPORT_INTERVAL_MS = 1000

export async function createProgress(
  label: string,
  { json, quiet }: { json: boolean; quiet: boolean },
): Promise<Progress> {
  if (!quiet && json) return createJsonProgress(label)
  if (!quiet && process.stderr.isTTY) return createProgressBar(label)
  return { start: () => {}, update: () => {}, stop: () => {} }
}

function createJsonProgress(label: string): Progress {
  const started = performance.now()
  let last = started
  return {
    start: (estimate) => writeJsonLine({ event: 'start', command: label, ...estimate }),
    update(progress) {
      const now = performance.now()
      if (now - last < REPORT_INTERVAL_MS) return
      last = now
      writeJsonLine({
        event: 'progress',
        command: label,
        ...progress,
        seconds: Math.round(now - started) / 1000,
      })
    },
    stop: () => {},
  }
}

function writeJsonLine(fields: object): void {
  process.stderr.write(`${JSON.stringify(fields)}\n`)
}

async function createProgressBar(label: string): Promise<Progress> {
  const { SingleBar } = await import('cli-progress') // only here, for every start of the command would pay for it
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
    start({ files, bytes, free, seconds }) {
      const what = files === 1 ? '1 file' : `${files} files`
      process.stderr.write(
        `${what}, ${formatMegabytes(bytes)} MB (${formatMegabytes(free)} MB are free): ${formatDuration(seconds)}, if the disk keeps up\n`,
      )
    },
    update({ done, total }) {
      const seconds = (performance.now() - started) / 1000
      const rate = formatMegabytes(done / Math.max(seconds, 1e-3))
      const payload = { done: formatMegabytes(done), all: formatMegabytes(total), rate }
      if (!begun) bar.start(total, done, payload)
      else bar.update(done, payload)
      begun = true
    },
    stop: () => bar.stop(),
  }
}

/** Seconds as a person would say them. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return 'less than a second'
  if (seconds < 99.5) return `about ${Math.round(seconds)} s`
  if (seconds < 5970) return `about ${Math.round(seconds / 60)} min`
  return `about ${(seconds / 3600).toFixed(1)} h`
}
