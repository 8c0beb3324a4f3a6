/** Recomputes the golden values of test/fixtures/golden.json with the program that made them. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findPython } from '../support/oracles.ts'

it('scripts/fixtures/make-golden-values.py reproduces the golden values, to the last digit', (context) => {
  const python = findPython(context, 'numpy')
  const options = { encoding: 'utf8' } as const
  const printed = execFileSync(python, ['scripts/fixtures/make-golden-values.py', '--print'], options)
  expect(JSON.parse(printed)).toEqual(JSON.parse(readFileSync('test/fixtures/golden.json', 'utf8')))
})
