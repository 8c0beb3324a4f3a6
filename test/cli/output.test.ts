/** What is written to stdout in pieces is what it would be in one. */

import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { formatJsonLines } from '../../src/cli/output.ts'
import { createTempFolder, runSimdinit } from '../support/run-simdinit.ts'
import { byTier } from '../support/tier.ts'

it('lines of JSON are those of JSON.stringify', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect([...formatJsonLines(value)].join('\n')).toBe(JSON.stringify(value, null, 2))
    }),
  )
  const value = { a: undefined, b: [], c: [[], {}], d: { e: ['\n'] } }
  expect([...formatJsonLines(value)].join('\n')).toBe(JSON.stringify(value, null, 2))
  expect([...formatJsonLines({ x: new Set([1, 2]), y: 3 })].join('\n')).toBe(
    '{\n  "x": [\n    1,\n    2\n  ],\n  "y": 3\n}',
  )
})

it('a model of more tensors than a call can have arguments is printed whole', async () => {
  const cwd = createTempFolder()
  const layers = byTier(20, 190)
  const config = { model_type: 'deepseek_v3', num_hidden_layers: layers, first_k_dense_replace: 0 }
  writeFileSync(join(cwd, 'config.json'), JSON.stringify(config))
  const tensors = layers * (3 * 256 + 14) + 3
  const { stdout } = await runSimdinit(['init', 'config.json', '--dry-run'], { cwd })
  expect(stdout.match(/^ {2}(model|lm_head)\.\S*[wb]\S* .*\d$/gm)).toHaveLength(tensors)
  const json = JSON.parse((await runSimdinit(['init', 'config.json', '--dry-run', '--json'], { cwd })).stdout)
  expect(json.tensors).toHaveLength(tensors)
})
