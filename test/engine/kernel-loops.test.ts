/** The hot loops of the compiled kernels, instruction by instruction: an upgrade of the compiler shows here. */

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

  it('have the instructions that are written down (scripts/checks/count-instructions.mjs says how to renew them)', () => {
    expect(loops).toEqual(JSON.parse(readFileSync('test/fixtures/kernel-loops.json', 'utf8')))
  })

  it('call nothing, and build no constant in each turn', () => {
    expect(loops.length).toBeGreaterThan(8)
    for (const loop of loops) expect([loop.function, loop.call, loop.constant]).toEqual([loop.function, 0, 0])
  })
})
