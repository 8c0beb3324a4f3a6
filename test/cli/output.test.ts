/** The output of large results. */

import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { CLI_PATH, createTempFolder, runSimdinit, TINY_CONFIG } from '../support/run-simdinit.ts'
import { byTier, pickByTier } from '../support/tier.ts'

it('prints every tensor of a model with more tensors than a call can have arguments', async () => {
  const cwd = createTempFolder()
  const layers = byTier(4, 190)
  const config = { model_type: 'deepseek_v3', num_hidden_layers: layers, first_k_dense_replace: 0 }
  writeFileSync(join(cwd, 'config.json'), JSON.stringify(config))
  const tensors = layers * (3 * 256 + 14) + 3
  const { stdout } = await runSimdinit(['init', 'config.json', '--dry-run'], { cwd })
  expect(stdout.match(/^ {2}(model|lm_head)\.\S*[wb]\S* .*\d$/gm)).toHaveLength(tensors)
  const json = JSON.parse((await runSimdinit(['init', 'config.json', '--dry-run', '--json'], { cwd })).stdout)
  expect(json.tensors).toHaveLength(tensors)
})

it
  .skipIf(!existsSync('/usr/bin/script'))
  .each(pickByTier(1, [['dumb', false] as const, ['xterm', true] as const]))(
  'on a terminal of the kind %s, escape sequences: %s',
  async (kind, expected) => {
    const cwd = createTempFolder()
    writeFileSync(join(cwd, 'config.json'), JSON.stringify(TINY_CONFIG))
    const command = `${process.execPath} ${CLI_PATH} init config.json --out out`
    const env = { ...process.env, TERM: kind }
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], { cwd, env })
    expect(stdout).toContain('written in')
    expect(stdout.includes('\u001b')).toBe(expected)
  },
)
