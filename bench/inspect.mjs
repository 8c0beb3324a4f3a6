/**
 * `npm run bench:inspect`: `simdinit inspect` compared with reading the file alone, from the page cache, with copying
 * memory, and with its inner loops. Writes 8 GB below build/ and removes them again.
 *
 *   npm run bench:inspect -- --rounds 5 --bytes 1073741824 --docs      --docs writes docs/benchmarks/inspect.md
 */

import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { compileKernels } from '../dist/engine/load-kernel.js'
import { createEngine, normal } from '../dist/index.js'
import { CHUNK_VALUES } from '../dist/inspect/stats-backend.js'
import { WasmStatsBackend } from '../dist/inspect/wasm-stats.js'
import { inspect } from '../dist/node/index.js'
import { layoutFile, writeSafetensors } from '../dist/safetensors/index.js'
import {
  computeRatio,
  formatTable,
  machine,
  median,
  parseFlags,
  publishReport,
  timeInterleaved,
} from './harness.mjs'

const flags = parseFlags(5, { bytes: { type: 'string', default: String(2 ** 32) } })
const bytes = Number(flags.bytes)
const BYTES_PER_ELEMENT = { f32: 4, bf16: 2 }
const TENSOR_BYTES = 2 ** 26
mkdirSync('build', { recursive: true })

async function writeCheckpoint(engine, dtype) {
  const path = `build/bench-${dtype}.safetensors`
  const shape = [TENSOR_BYTES / BYTES_PER_ELEMENT[dtype] / 4096, 4096]
  const tensors = Array.from({ length: bytes / TENSOR_BYTES }, (_, i) => ({ name: `w.${i}`, dtype, shape }))
  const layout = layoutFile(tensors)
  const file = openSync(path, 'w')
  async function* data() {
    for (const { name } of layout.tensors) {
      const tensor = await engine.tensor(shape, normal({ std: 0.02 }), { name, dtype })
      yield new Uint8Array(tensor.data.buffer)
    }
  }
  await writeSafetensors(
    layout,
    data(),
    (part, position) => void writeSync(file, part, 0, part.length, position),
  )
  closeSync(file)
  return path
}

function readAll(path) {
  const file = openSync(path, 'r')
  const buffer = new Uint8Array(2 ** 21)
  while (readSync(file, buffer) > 0);
  closeSync(file)
}

const engine = await createEngine()
const cases = new Map()
const [source, target] = [new Uint8Array(2 ** 28).fill(1), new Uint8Array(2 ** 28)]
cases.set('copying memory', () => {
  for (let done = 0; done < bytes; done += source.length) target.set(source)
})
const paths = []
for (const dtype of ['f32', 'bf16']) {
  const path = await writeCheckpoint(engine, dtype)
  paths.push(path)
  cases.set(`${dtype}: reading`, () => readAll(path))
  for (const threads of [1, 2])
    cases.set(`${dtype}: simdinit inspect, ${threads === 1 ? '1 thread' : '2 threads'}`, () =>
      inspect(path, { threads }),
    )
  await addInnerLoops(dtype)
}
await engine.close()
try {
  const times = await timeInterleaved(cases, flags.rounds)
  const rows = [...times].map(([label, list]) => [
    label,
    median(list).toFixed(0),
    (bytes / 1e6 / median(list)).toFixed(2),
  ])
  const ratios = ['f32', 'bf16'].map((dtype) => {
    const { median, min, max } = computeRatio(
      times,
      `${dtype}: simdinit inspect, 2 threads`,
      `${dtype}: reading`,
    )
    return `${dtype} ${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`
  })
  publishReport({
    name: 'inspect',
    title: 'Inspection compared with reading',
    command: 'bench:inspect',
    sections: [
      `${machine}; ${bytes / 2 ** 20} MiB in the page cache, medians of ${flags.rounds} interleaved rounds:`,
      formatTable([['', 'ms', 'GB/s'], ...rows]),
      `Time of \`simdinit inspect\` on two threads ÷ time of reading on one: ${ratios.join(', ')}.`,
    ],
    docs: flags.docs,
  })
} finally {
  for (const path of paths) rmSync(path)
}

/** The inner loops of an inspection, on one chunk that stays in the cache, as often as the file has chunks. */
async function addInnerLoops(dtype) {
  const backend = new WasmStatsBackend(await compileKernels())
  const chunks = bytes / BYTES_PER_ELEMENT[dtype] / CHUNK_VALUES
  const repeat = (task) => () => {
    for (let i = 0; i < chunks; i++) task()
  }
  if (dtype === 'f32') {
    const values = new Float32Array(CHUNK_VALUES)
    const stored = new Uint8Array(values.buffer)
    engine.fillSync(values, normal({ std: 0.02 }), { name: 'w' })
    cases.set(
      'f32: loading chunks',
      repeat(() => backend.load('F32', stored, 0)),
    )
    backend.load('F32', stored, 0)
    cases.set(
      'f32: statistics of chunks',
      repeat(() => backend.computeChunkStats(CHUNK_VALUES, values[0], true)),
    )
  } else {
    const stored = new Uint8Array(2 * CHUNK_VALUES)
    engine.fillSync(new Uint16Array(stored.buffer), normal({ std: 0.02 }), { name: 'w', dtype: 'bf16' })
    cases.set(
      'bf16: counting patterns',
      repeat(() => backend.countPatterns16(stored)),
    )
  }
}
