/** Library messages, phrased for the command line. */

import { expect, it } from 'vitest'
import { nameFlags } from '../../src/cli/option-flags.ts'

it.each([
  ['"maxShardSize" must be a size', '--max-shard-size must be a size'],
  ['"rank" needs "worldSize"', '--rank needs --world-size'],
  [
    'RANK is set but WORLD_SIZE is not; pass "rank" and "worldSize"',
    'RANK is set but WORLD_SIZE is not; pass --rank and --world-size',
  ],
  [
    'out contains a different config.json; use "force" to replace it',
    'out contains a different config.json; use --force to replace it',
  ],
])('names flags instead of options: %s', (message, expected) => {
  expect(nameFlags(message)).toBe(expected)
})

it.each([
  'config.json: "dtype" must be one of float32, float16',
  '"n_embd" must be an integer; received "seed"',
  'no rule of the recipe matches the parameter "out"',
  'out contains other files ("force")',
])('keeps values and the fields of files: %s', (message) => {
  expect(nameFlags(message)).toBe(message)
})
