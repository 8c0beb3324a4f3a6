/**
 * The golden set, a small model, and values from the other entries, in the runtime that runs this file; as a line of
 * JSON. It is copied next to the installed package, which it imports by name.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as simdinit from 'simdinit'
import { createBlobSource, inspectFiles } from 'simdinit/inspect'
import * as jax from 'simdinit/jax'
import * as keras from 'simdinit/keras'
import { planModel } from 'simdinit/models'
import { verify } from 'simdinit/node'
import { Random } from 'simdinit/random'
import { writeSafetensors } from 'simdinit/safetensors'
import * as tfjs from 'simdinit/tfjs'
import * as torch from 'simdinit/torch'
import { golden } from './golden.mjs'

/** The page, and the folder of a small f32 checkpoint that the command wrote in this runtime. */
const [page, folder] = process.argv.slice(2)
const result = await golden(simdinit, readFileSync(page, 'utf8'))
const { failures } = result

/** The same file, generated in memory from the plan. */
const plan = planModel(JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')))
const [file] = plan.files
const engine = await simdinit.createEngine()
const pieces = []
const data = file.tensors.map(({ name, shape, dtype, strategy, begin, end }) => {
  const target = new Float32Array((end - begin) / 4)
  engine.fillSync(target, strategy, { seed: 0, name, shape, dtype })
  return new Uint8Array(target.buffer)
})

/** The exports of the compatibility modules, values of some of them, and numbers of simdinit/random. */
const dialects = createHash('sha256')
for (const entry of [jax, keras, tfjs, torch]) dialects.update(JSON.stringify(Object.keys(entry).toSorted()))
for (const strategy of [jax.glorot_normal(), keras.HeUniform(), torch.kaiming_normal_()]) {
  const matrix = new Float32Array(64)
  engine.fillSync(matrix, strategy, { seed: 0, name: 'w', shape: [8, 8] })
  dialects.update(matrix)
}
dialects.update(new Random(0).normal(new Float64Array(1000)))
await engine.close()
await writeSafetensors(file, data, (bytes) => void pieces.push(bytes.slice()))
const blob = new Blob(pieces)
const { tensors } = await inspectFiles([{ name: file.name, source: createBlobSource(blob) }], { plan })
const { differences } = await verify(folder)

const written = readFileSync(`${folder}/${file.name}`)
if (!written.equals(Buffer.from(await blob.arrayBuffer()))) failures.push('the command wrote other bytes')
if (tensors.length !== file.tensors.length) failures.push(`${tensors.length} tensors were inspected`)
if (differences.length > 0) failures.push('verify found differences')
const digest = createHash('sha256').update(written).digest('hex')
console.log(JSON.stringify({ ...result, file: digest, dialects: dialects.digest('hex') }))
