/** Files in the page cache after a run. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { init } from '../../src/node/index.ts'
import { createTempFolder, runSimdinit } from '../support/run-simdinit.ts'
import { cached, canCount } from '../support/page-cache.mjs'
import { itSlow } from '../support/tier.ts'

describe.skipIf(!canCount(tmpdir()))('the page cache', () => {
  it('contains the files, and with --no-cache nothing of them', async () => {
    const cwd = createTempFolder()
    const run = (out: string, ...more: string[]) => {
      const model = ['gpt2', '--set', 'n_layer=1', '--set', 'vocab_size=3000', '--max-shard-size', '20MB'] // 40 MB
      return runSimdinit(['init', ...model, '--out', out, '--quiet', ...more], { cwd })
    }
    for (const { code, stderr } of [await run('kept'), await run('left', '--no-cache')])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const file of [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`)) {
      const [kept, left] = [join(cwd, 'kept', file), join(cwd, 'left', file)]
      expect(cached(left)).toBe(0)
      expect(cached(kept)).toBeGreaterThan(0)
      expect(readFileSync(left).equals(readFileSync(kept))).toBe(true)
    }
  })

  itSlow('drops a file while it is written, and no file descriptor is leaked', async () => {
    const out = join(createTempFolder(), 'out')
    const descriptors = () => readdirSync('/proc/self/fd').length
    const before = descriptors()
    let less = 0
    const onProgress = () => {
      const name = readdirSync(out).find((name) => name.startsWith('.model.safetensors'))
      if (name !== undefined && cached(join(out, name)) < 0.9 * statSync(join(out, name)).size) less++
    }
    await init('gpt2', { out, set: ['n_layer=2'], cache: false, onProgress }) // 204 MB
    expect(less).toBeGreaterThan(0)
    await expect.poll(descriptors, { timeout: 10_000 }).toBeLessThanOrEqual(before) // a worker of the run may still be exiting
  })
})
