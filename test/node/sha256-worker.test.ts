/** Hashing on a worker thread: the digests of this thread, and none for a file whose bytes were lost with the worker. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { createEngine } from '../../src/index.ts'
import { computeEngineMemory, planModel } from '../../src/models/index.ts'
import { InitSummary } from '../../src/node/init-summary.ts'
import { Hasher } from '../../src/node/sha256-worker.ts'
import { writeShard } from '../../src/node/write-shard.ts'
import { createTempFolder, TINY_CONFIG } from '../support/run-simdinit.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i)

it.each([0, 2 ** 30])('hashes one file after another, of %d bytes in total', async (total) => {
  const hasher = new Hasher(total)
  await hasher.update(bytes.subarray(0, 10))
  await hasher.update(bytes.subarray(10))
  expect(await hasher.digest()).toBe(sha256(bytes))
  await hasher.update(bytes.subarray(7))
  expect(await hasher.digest()).toBe(sha256(bytes.subarray(7)))
  await hasher.close()
})

it('gives no digest for a file during which its worker dies, and continues on this thread', async () => {
  const hasher = new Hasher(2 ** 30)
  await hasher.update(bytes)
  const { worker } = hasher as unknown as { worker: Worker }
  void worker.terminate()
  await hasher.update(bytes)
  await hasher.update(bytes)
  expect(await hasher.digest()).toBeUndefined()
  await hasher.update(bytes)
  expect(await hasher.digest()).toBe(sha256(bytes))
})

it('a shard without such a digest is read again', async () => {
  class ForgetfulHasher extends Hasher {
    override async digest() {
      return undefined
    }
  }
  const folder = createTempFolder()
  const [file] = planModel(TINY_CONFIG).files
  const engine = await createEngine({ backend: 'js', memory: computeEngineMemory() })
  const options = { hasher: new ForgetfulHasher(0), summary: new InitSummary(), cache: true, onBytes() {} }
  const digest = await writeShard(engine, folder, file, '00000000', 0, { ...options, chunkBytes: 2 ** 16 })
  expect(digest).toBe(sha256(readFileSync(join(folder, file.name))))
})
