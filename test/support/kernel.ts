/** The compiled kernels, driven directly: what their exports do, without the wrapper of `src/engine/wasm.ts`. */

import { readFileSync } from 'node:fs'

export const bytes = readFileSync(new URL('../../build/kernel.wasm', import.meta.url))
export const module = new WebAssembly.Module(bytes)

const memory = new WebAssembly.Memory({ initial: 16, maximum: 16 })
const { exports } = new WebAssembly.Instance(module, { env: { memory } })
const fill = exports.fill as (work: number, to: number, first: number, count: number) => void
const makeJumps = exports.makeJumps as (work: number, tables: number) => void
const at = (name: string) => Number((exports[name] as WebAssembly.Global).value)

const TARGET = 2 ** 19
const MOST = 2 ** 16

function load(key: Uint32Array): void {
  const words = new Uint32Array(memory.buffer)
  words.set(key, at('KEY') / 4)
  words[at('MAP') / 4] = at('BITS')
  words[at('DTYPE') / 4] = at('F32')
}

/** Draws [first, first + count) of a stream. */
export function rawDraws(key: Uint32Array, first: number, count: number): Uint32Array {
  load(key)
  const draws = new Uint32Array(count)
  for (let done = 0; done < count; done += MOST) {
    const piece = Math.min(MOST, count - done)
    fill(0, TARGET, first + done, piece)
    draws.set(new Uint32Array(memory.buffer, TARGET, piece), done)
  }
  return draws
}

/** From now on draws are passed over by jumps, or again by steps. */
export function passBy(way: 'jumps' | 'steps'): void {
  if (way === 'jumps') makeJumps(0, TARGET + 4 * MOST)
  else new Uint32Array(memory.buffer)[at('JUMPS') / 4] = 0
}

/** Calls `each` with the states of blocks [first, first + count): [lane 0, 1 of s0, of s1, s2, s3, lane 2, 3 ...]. */
export function blockStates(
  key: Uint32Array,
  first: number,
  count: number,
  each: (states: BigUint64Array) => void,
) {
  load(key)
  const states = new BigUint64Array(memory.buffer, at('STATE'), 16)
  for (let block = first; block < first + count; block++) {
    fill(0, TARGET, block * 8192, 0)
    each(states)
  }
}
