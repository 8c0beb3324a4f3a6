/**
 * Uses every part of the package that asks its host for memory, threads or files, and prints as JSON what ran and
 * digests of all bytes. The argument is an empty folder.
 */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEngine, normal, orthogonal } from 'simdinit'
import { init, inspect, verify } from 'simdinit/node'

const folder = process.argv[2]
const digest = ({ buffer, byteOffset, byteLength }) =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')

const engine = await createEngine({ threads: 2 })
const { data: normals } = engine.lend(600_000)
await engine.fill(normals, normal(), { name: 'ü' })
const { backend, threads, reason } = await engine.warmUp()

// a small engine, whose matrices need more memory than it has
const small = await createEngine({ memory: 2 ** 20, threads: 1 })
const matrix = await small.tensor([400, 400], orthogonal(), { name: 'w' })
const [rows, inner, columns] = [1000, 1, 1000]
const product = small.matmul(normals.slice(0, rows), normals.slice(0, columns), {
  rows,
  inner,
  columns,
})
await small.close()

await engine.close()

const config = join(folder, 'config.json')
const sizes = { vocab_size: 101, n_positions: 16, n_embd: 8, n_head: 2, n_layer: 2 }
writeFileSync(config, JSON.stringify({ model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], ...sizes }))
const out = join(folder, 'out')
const { status } = await init(config, { out, threads: 2 })
const { differences } = await verify(out, { threads: 2 })
const inspection = await inspect(out, { threads: 2 })
const statistics = JSON.stringify(inspection.tensors.map(({ statistics }) => statistics))

const wasmError = await createEngine({ backend: 'wasm' }).then(
  (wasmEngine) => void wasmEngine.close(),
  ({ code }) => code,
)

console.log(
  JSON.stringify({
    host: { backend, threads, reason, wasmError, small: small.info.backend, inspect: inspection.backend },
    results: {
      digests: [normals, matrix.data, product, readFileSync(join(out, 'model.safetensors'))].map(digest),
      status,
      differences,
      statistics,
    },
  }),
)
