/** The hot loops of the compiled kernels, instruction by instruction: shows the effect of a compiler upgrade. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
// @ts-expect-error plain JavaScript, without types
import { countLoops } from '../../scripts/checks/count-instructions.mjs'

interface Loop {
  function: string
  vector: number
  constant: number
  call: number
}

describe('the innermost vector loops of the kernels', () => {
  const loops: Loop[] = countLoops(readFileSync('build/kernel.wat', 'utf8'))

  it('have the recorded instructions (scripts/checks/count-instructions.mjs explains how to update them)', () => {
    expect(loops).toEqual(JSON.parse(readFileSync('test/fixtures/kernel-loops.json', 'utf8')))
  })

  it('contain no calls, and load no constant in an iteration', () => {
    expect(loops.length).toBeGreaterThan(8)
    for (const loop of loops) expect([loop.function, loop.call, loop.constant]).toEqual([loop.function, 0, 0])
  })
})
