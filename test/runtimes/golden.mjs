/**
 * The golden set, in whatever runs this file: every element in the tables of docs/stream.md, and one digest over all
 * strategies there in every dtype, from both engines and two threads. Prints JSON: engine, failures, digest.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createEngine, DTYPES } from '../../dist/index.js'

const ARRAYS = {
  f32: Float32Array,
  bf16: Uint16Array,
  f16: Uint16Array,
  f8_e4m3: Uint8Array,
  f8_e5m2: Uint8Array,
}

const lines = readFileSync(new URL('../../docs/stream.md', import.meta.url), 'utf8').split('\n')
const begin = lines.indexOf('| seed | name | distribution | dtype | first | elements |') + 2
const rows = []
for (let line = begin; lines[line].startsWith('|'); line++) {
  rows.push(
    lines[line]
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}
const parse = (distribution) => {
  const { shape = [], ...strategy } = JSON.parse(distribution)
  return { strategy, ...(shape.length > 0 && { shape }) }
}

const fast = await createEngine({ threads: 2 })
const plain = await createEngine({ backend: 'js' })
const failures = []
for (const [seed, name, distribution, dtype, first, elements] of rows) {
  const expected = elements.split(' ')
  const { strategy, shape } = parse(distribution)
  for (const engine of [fast, plain]) {
    const target = new ARRAYS[dtype](expected.length)
    const options = { seed: JSON.parse(seed), name: JSON.parse(name), dtype, shape, offset: Number(first) }
    engine.fillSync(target, strategy, options)
    const words = dtype === 'f32' ? new Uint32Array(target.buffer) : target
    const found = [...words].map((bits, i) => bits.toString(16).padStart(expected[i].length, '0'))
    if (found.join(' ') !== elements)
      failures.push(`${engine.info.backend}: ${distribution} ${dtype} ${first}`)
  }
}

const digests = []
for (const engine of [fast, plain]) {
  const hash = createHash('sha256')
  for (const distribution of new Set(rows.map((row) => row[2]))) {
    const { strategy, shape } = parse(distribution)
    for (const dtype of DTYPES) {
      const size = shape ? shape.reduce((product, n) => product * n, 1) : 20_000
      const target = new ARRAYS[dtype](size)
      try {
        engine.fillSync(target, strategy, { seed: 'golden', name: 'w', dtype, shape })
        hash.update(new Uint8Array(target.buffer))
      } catch (error) {
        if (!(error instanceof RangeError)) throw error // what the dtype cannot hold
      }
    }
  }
  digests.push(hash.digest('hex'))
}
const large = new Float32Array(2 ** 21)
await fast.fill(large, { type: 'normal', mean: 0, std: 1 }, { seed: 'golden', name: 'large' })
const shape = [300, 280]
const { data: matrix } = await fast.tensor(shape, { type: 'orthogonal' }, { seed: 'golden', name: 'matrix' })
const threads = createHash('sha256')
  .update(new Uint8Array(large.buffer))
  .update(new Uint8Array(matrix.buffer))
  .digest('hex')
const { backend, threads: count } = fast.info
console.log(
  JSON.stringify({
    checked: rows.length,
    failures,
    digests,
    threads,
    engine: `${backend}, ${count} threads`,
  }),
)
await fast.close()
