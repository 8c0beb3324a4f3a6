/**
 * What a run leaves of its files in the system's memory, as fincore of util-linux counts it. A file system that is
 * memory keeps everything, so these need one on a disk.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyFolder, simdinit } from './support/command.ts'

const TMPFS = 0x01021994
const canCount =
  process.platform === 'linux' &&
  statfsSync(tmpdir()).type !== TMPFS &&
  spawnSync('fincore', ['--version']).status === 0

/** Bytes of a file that are in memory. */
const cached = (path: string) =>
  Number(execFileSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path], { encoding: 'utf8' }))

/** 40 MB in three files. */
const MODEL = ['init', 'gpt2', '--set', 'n_layer=1', '--set', 'vocab_size=3000', '--max-shard-size', '20MB']
const FILES = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`)

describe.skipIf(!canCount)('the page cache', () => {
  it('has the files, and after --no-cache nothing of them; they are the same, and nothing is said', async () => {
    const cwd = emptyFolder()
    const kept = await simdinit([...MODEL, '--out', 'kept', '--quiet'], { cwd })
    const left = await simdinit([...MODEL, '--out', 'left', '--quiet', '--no-cache'], { cwd })
    for (const { code, stderr } of [kept, left]) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const file of FILES) {
      const [inMemory, gone] = [join(cwd, 'kept', file), join(cwd, 'left', file)]
      expect(cached(gone)).toBe(0)
      expect(cached(inMemory)).toBeGreaterThan(0)
      expect(readFileSync(gone).equals(readFileSync(inMemory))).toBe(true)
    }
  })
})
