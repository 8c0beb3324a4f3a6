/**
 * `npm run bench:inspect`: what `simdinit inspect` takes beside reading the file and doing nothing, both of it in the
 * page cache, how fast memory is copied here, and where the time goes. Writes 8 GB below build/, and removes them again. With --docs it writes docs/benchmarks/inspect.md.
 */

import { closeSync, mkdirSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createEngine, normal } from '../dist/index.js'
import { compileKernels } from '../dist/engine/create-engine.js'
import { CHUNK_VALUES } from '../dist/inspect/stats-backend.js'
import { WasmStatsBackend } from '../dist/inspect/wasm-stats.js'
import { inspect } from '../dist/node/index.js'
import { layoutFile, writeSafetensors } from '../dist/safetensors/index.js'
import { interleaved, machine, markdown, median, ratio } from './harness.mjs'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    bytes: { type: 'string', default: String(2 ** 32) },
    docs: { type: 'boolean', default: false },
  },
})
const bytes = Number(flags.bytes)
const width = { f32: 4, bf16: 2 }
mkdirSync('build', { recursive: true })

/** Tensors of 64 MiB. */
async function checkpoint(engine, dtype) {
  const path = `build/bench-${dtype}.safetensors`
  const shape = [2 ** 26 / width[dtype] / 4096, 4096]
  const tensors = Array.from({ length: bytes / 2 ** 26 }, (_, i) => ({ name: `w.${i}`, dtype, shape }))
  const layout = layoutFile(tensors)
  const file = openSync(path, 'w')
  async function* data() {
    for (const { name } of layout.tensors) {
      const tensor = await engine.tensor(shape, normal({ std: 0.02 }), { name, dtype })
      yield new Uint8Array(tensor.data.buffer)
    }
  }
  await writeSafetensors(layout, data(), (some, at) => void writeSync(file, some, 0, some.length, at))
  closeSync(file)
  return path
}

function readAll(path) {
  const file = openSync(path, 'r')
  const room = new Uint8Array(2 ** 21)
  while (readSync(file, room) > 0);
  closeSync(file)
}

const engine = await createEngine()
const passes = new WasmStatsBackend(await compileKernels())
const values = new Float32Array(CHUNK_VALUES)
const stored = { F32: new Uint8Array(values.buffer), BF16: new Uint8Array(2 * CHUNK_VALUES) }
engine.fillSync(values, normal({ std: 0.02 }), { name: 'w' })
engine.fillSync(new Uint16Array(stored.BF16.buffer), normal({ std: 0.02 }), { name: 'w', dtype: 'bf16' })
const cases = new Map()
const [from, to] = [new Uint8Array(2 ** 28).fill(1), new Uint8Array(2 ** 28)]
cases.set('copying memory', () => {
  for (let done = 0; done < bytes; done += from.length) to.set(from)
})
const paths = []
for (const dtype of ['f32', 'bf16']) {
  const path = await checkpoint(engine, dtype)
  paths.push(path)
  const chunks = bytes / width[dtype] / CHUNK_VALUES
  const over = (pass) => () => {
    for (let i = 0; i < chunks; i++) pass()
  }
  cases.set(`${dtype}: reading alone`, () => readAll(path))
  for (const threads of [1, 2])
    cases.set(`${dtype}: simdinit inspect, ${threads === 1 ? 'one thread' : 'two'}`, () =>
      inspect(path, { threads }),
    )
  if (dtype === 'f32') {
    cases.set(
      'f32: into the chunk',
      over(() => passes.load('F32', stored.F32, 0)),
    )
    cases.set(
      'f32: the pass over it',
      over(() => passes.computeChunkStats(CHUNK_VALUES, values[0], true)),
    )
  } else {
    cases.set(
      'bf16: patterns counted',
      over(() => passes.countPatterns16(stored.BF16)),
    )
  }
}
await engine.close()
try {
  const times = await interleaved(cases, Number(flags.rounds))
  const rows = [...cases.keys()].map((label) => {
    const milliseconds = median(times.get(label))
    return [label, milliseconds.toFixed(0), (bytes / 1e6 / milliseconds).toFixed(2)]
  })
  const beside = ['f32', 'bf16'].map((dtype) => {
    const { median, least, most } = ratio(times, `${dtype}: simdinit inspect, two`, `${dtype}: reading alone`)
    return `${dtype} ${median.toFixed(1)} (${least.toFixed(1)} to ${most.toFixed(1)})`
  })
  const report = [
    `${machine}; ${bytes / 2 ** 20} MiB in the page cache, medians of ${flags.rounds} interleaved rounds:`,
    markdown([['', 'ms', 'GB/s'], ...rows]),
    `Time of \`simdinit inspect\` on two threads ÷ that of reading alone, by one: ${beside.join(', ')}.`,
  ].join('\n\n')
  console.log(report)
  if (flags.docs) {
    writeFileSync(
      'docs/benchmarks/inspect.md',
      `# Inspection against reading\n\nMade by \`npm run bench:inspect -- --docs\`. Quote the ratios: machines differ.\n\n${report}\n`,
    )
  }
} finally {
  for (const path of paths) rmSync(path)
}
