/** Timing that survives a noisy machine: cases in turn, round after round, medians, and ratios of one round. */

import { once } from 'node:events'
import { cpus } from 'node:os'
import { Worker } from 'node:worker_threads'

export const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.version}, V8 ${process.versions.v8}`

export function median(list) {
  const sorted = [...list].toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

/** Milliseconds for which a case runs before it is timed, unless said. */
const WARM = 150

/**
 * Runs every case for a moment in each round, and then times it once: a machine takes back pages, and puts cores to
 * sleep, that have not been used for a while. One round is not counted. A case is a function that does the work, or
 * one that answers with the milliseconds that it took elsewhere. Returns milliseconds by case.
 */
export async function interleaved(cases, rounds, warm = WARM) {
  const times = new Map([...cases.keys()].map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of cases) {
      for (const until = performance.now() + warm; performance.now() < until;) await run()
      const start = performance.now()
      const elsewhere = await run()
      const took = typeof elsewhere === 'number' ? elsewhere : performance.now() - start
      if (round >= 0) times.get(name).push(took)
      if (process.stderr.isTTY) process.stderr.write(`\rround ${round + 1} of ${rounds}: ${name}`.padEnd(78))
    }
  }
  if (process.stderr.isTTY) process.stderr.write(`\r${''.padEnd(78)}\r`)
  return times
}

/** The median over the rounds of a / b, and its least and greatest. */
export function ratio(times, a, b) {
  const ratios = times.get(a).map((time, round) => time / times.get(b)[round])
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }
}

/** A Markdown table that can be read as it is; all columns but the first to the right. */
export function markdown([head, ...body]) {
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i].length)))
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`))
  const lines = [head, ...body].map((row) => `| ${row.map(pad).join(' | ')} |`)
  return [lines[0], `|${rule.join('|')}|`, ...lines.slice(1)].join('\n')
}

/**
 * What `n` threads of this machine can do at all: a case in which so many, each with an engine of its own, make
 * `elements` normals in a memory that stays in its cache. On cores of their own they take as long as one alone;
 * two that a hypervisor has put on one core take twice as long.
 */
export function sideBySide(n, elements) {
  const script = `
    const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}).then(async ({ createEngine, normal }) => {
      const engine = await createEngine({ threads: 1 })
      const { data } = engine.lend(65536)
      parentPort.on('message', (times) => {
        for (; times > 0; times--) engine.fillSync(data, normal(), { name: 'bench' })
        parentPort.postMessage('done')
      })
    })`
  const workers = Array.from({ length: n }, () => new Worker(script, { eval: true }))
  for (const worker of workers) worker.unref()
  return () =>
    Promise.all(
      workers.map((worker) => {
        worker.postMessage(elements / 65536)
        return once(worker, 'message')
      }),
    )
}
