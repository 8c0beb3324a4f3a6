/** Nanoseconds per element of strategies and dtypes, from 64 elements to 64 Mi, on one thread. */

import { constant, createEngine, DTYPES, normal, truncatedNormal, uniform } from '../dist/index.js'
import { formatTable, median, timeInterleaved } from './harness.mjs'

const STRATEGIES = {
  constant: constant({ value: 0.02 }),
  uniform: uniform({ low: -0.05, high: 0.05 }),
  normal: normal({ std: 0.02 }),
  'truncated normal, ±2σ': truncatedNormal({ std: 0.02, low: -0.04, high: 0.04 }),
  'truncated normal, [-1σ, 3σ]': truncatedNormal({ std: 0.02, low: -0.02, high: 0.06 }),
}
const SIZES = { 64: 64, '4 Ki': 2 ** 12, '256 Ki': 2 ** 18, '4 Mi': 2 ** 22, '64 Mi': 2 ** 26 }
const COLD_SIZE = 2 ** 22
/** The fewest elements of one timing, for the resolution of the clock. */
const MIN_TIMED_ELEMENTS = 2 ** 18

/** A Markdown table. Its last column fills a new array each time: memory that was never touched. */
export async function timeGrid(rounds) {
  const engine = await createEngine({ threads: 1, memory: 5 * 2 ** 26 })
  const { data } = engine.lend(2 ** 26)
  const halves = new Uint16Array(data.buffer, data.byteOffset, 2 ** 26)
  const quarters = new Uint8Array(data.buffer, data.byteOffset, 2 ** 26)
  const targets = { f32: data, bf16: halves, f16: halves, f8_e4m3: quarters, f8_e5m2: quarters }
  const cases = new Map()
  const elementsOf = new Map()
  for (const [strategy, value] of Object.entries(STRATEGIES)) {
    for (const dtype of DTYPES) {
      const options = { name: 'bench', dtype }
      const add = (size, elements, run) => {
        cases.set(`${strategy} ${dtype} ${size}`, run)
        elementsOf.set(`${strategy} ${dtype} ${size}`, elements)
      }
      for (const [title, size] of Object.entries(SIZES)) {
        const target = targets[dtype].subarray(0, size)
        const times = Math.max(1, MIN_TIMED_ELEMENTS / size)
        add(title, times * size, () => {
          for (let i = 0; i < times; i++) engine.fillSync(target, value, options)
        })
      }
      const Type = targets[dtype].constructor
      add('cold', COLD_SIZE, () => engine.fillSync(new Type(COLD_SIZE), value, options))
    }
  }
  const times = await timeInterleaved(cases, rounds, 20)
  const columns = [...Object.keys(SIZES), 'cold']
  return formatTable([
    ['ns per element', ...Object.keys(SIZES), '4 Mi, new array'],
    ...Object.keys(STRATEGIES).flatMap((strategy) =>
      DTYPES.map((dtype) => [
        `${strategy} ${dtype}`,
        ...columns.map((size) => {
          const label = `${strategy} ${dtype} ${size}`
          return ((median(times.get(label)) * 1e6) / elementsOf.get(label)).toFixed(3)
        }),
      ]),
    ),
  ])
}
