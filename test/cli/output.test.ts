/** The output of large results. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTempFolder, runSimdinit } from '../support/run-simdinit.ts'
import { byTier } from '../support/tier.ts'

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
