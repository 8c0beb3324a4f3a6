/** The compiled kernels, called directly, without the wrapper of `src/engine/wasm-backend.ts`. */

import { readFileSync } from 'node:fs'

export const kernelBytes = readFileSync(new URL('../../build/kernel.wasm', import.meta.url))
export const kernelModule = new WebAssembly.Module(kernelBytes)

const memory = new WebAssembly.Memory({ initial: 16, maximum: 16 })
const { exports } = new WebAssembly.Instance(kernelModule, { env: { memory } })
const fill = exports.fill as (work: number, to: number, first: number, count: number) => void
const buildJumpTables = exports.buildJumpTables as (work: number, tables: number) => void
const addressOfExport = (name: string) => Number((exports[name] as WebAssembly.Global).value)

const TARGET_ADDRESS = 2 ** 19
const MAX_DRAWS_PER_CALL = 2 ** 16

function loadStream(key: Uint32Array): void {
  const words = new Uint32Array(memory.buffer)
  words.set(key, addressOfExport('KEY') / 4)
  words[addressOfExport('TRANSFORM') / 4] = addressOfExport('BITS')
  words[addressOfExport('DTYPE') / 4] = addressOfExport('F32')
}

/** Draws [first, first + count) of a stream. */
export function generateRawDraws(key: Uint32Array, first: number, count: number): Uint32Array {
  loadStream(key)
  const draws = new Uint32Array(count)
  for (let done = 0; done < count; done += MAX_DRAWS_PER_CALL) {
    const piece = Math.min(MAX_DRAWS_PER_CALL, count - done)
    fill(0, TARGET_ADDRESS, first + done, piece)
    draws.set(new Uint32Array(memory.buffer, TARGET_ADDRESS, piece), done)
  }
  return draws
}

/** From now on the kernels skip draws by jumps, or by steps again. */
export function setSkipMethod(way: 'jumps' | 'steps'): void {
  if (way === 'jumps') buildJumpTables(0, TARGET_ADDRESS + 4 * MAX_DRAWS_PER_CALL)
  else new Uint32Array(memory.buffer)[addressOfExport('JUMP_TABLES_ADDRESS') / 4] = 0
}

/** Calls `each` with the states of blocks [first, first + count): [lane 0, 1 of s0, of s1, s2, s3, lane 2, 3 ...]. */
export function forEachBlockState(
  key: Uint32Array,
  first: number,
  count: number,
  each: (states: BigUint64Array) => void,
) {
  loadStream(key)
  const states = new BigUint64Array(memory.buffer, addressOfExport('STATE'), 16)
  for (let block = first; block < first + count; block++) {
    fill(0, TARGET_ADDRESS, block * 8192, 0)
    each(states)
  }
}
