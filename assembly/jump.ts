/**
 * Jumps within a block: advance the state by 64, 128, 256 or 512 steps with table look-ups. A step is linear over GF(2),
 * so the state after n steps is the XOR of the contributions of its 64 nibbles. A table for each n holds them for every
 * nibble and value, 32 bytes per entry. They pay for slices of columns, where each row begins somewhere in a block.
 */

import { JUMP_TABLES_ADDRESS, STATE } from './workspace'
import { laneAddress, skipByStepping } from './xoshiro'

/** Steps of the shortest jump. Each next one is twice as long. */
const MIN_JUMP_STEPS: u32 = 64
/** Bytes of a table. */
const TABLE_BYTES: usize = 64 << 9
/** Bytes of all four tables. */
export const JUMP_TABLES_BYTES: usize = TABLE_BYTES << 2

/** Builds the tables at `tables` by stepping each bit of a state, and sets JUMP_TABLES_ADDRESS. Overwrites the state. */
export function buildJumpTables(work: usize, tables: usize): void {
  let entries = tables
  for (let steps = MIN_JUMP_STEPS; steps <= MIN_JUMP_STEPS << 3; steps <<= 1) {
    for (let nibble: usize = 0; nibble < 64; nibble++, entries += 512) {
      memory.fill(work + STATE, 0, 128)
      for (let lane: usize = 0; lane < 4; lane++) {
        const bit = (<u64>1) << (<u64>(((nibble & 15) << 2) + lane))
        store<u64>(laneAddress(work, lane) + ((nibble >> 4) << 4), bit, STATE)
      }
      skipByStepping(work, steps)
      memory.fill(entries, 0, 32)
      for (let value: usize = 1; value < 16; value++) {
        const lane = laneAddress(work, ctz(value))
        const rest = entries + ((value & (value - 1)) << 5)
        for (let word: usize = 0; word < 4; word++) {
          const bits = load<u64>(lane + (word << 4), STATE) ^ load<u64>(rest + (word << 3))
          store<u64>(entries + (value << 5) + (word << 3), bits)
        }
      }
    }
  }
  store<u32>(work, <u32>tables, JUMP_TABLES_ADDRESS)
}

/** Skips the next 8 x `steps` < BLOCK_SIZE draws of the block. */
export function skipSteps(work: usize, steps: u32): void {
  const tables = <usize>load<u32>(work, JUMP_TABLES_ADDRESS)
  if (tables) {
    for (let jump: u32 = 0; jump < 4; jump++) {
      if (steps & (MIN_JUMP_STEPS << jump)) applyJumpTable(work, tables + <usize>jump * TABLE_BYTES)
    }
    steps &= MIN_JUMP_STEPS - 1
  }
  skipByStepping(work, steps)
}

function applyJumpTable(work: usize, table: usize): void {
  for (let pair = work; pair < work + 128; pair += 64) {
    let entry = table
    let a01 = i64x2.splat(0)
    let a23 = i64x2.splat(0)
    let b01 = i64x2.splat(0)
    let b23 = i64x2.splat(0)
    for (let word: usize = 0; word < 64; word += 16) {
      let a = load<u64>(pair + word, STATE)
      let b = load<u64>(pair + word, STATE + 8)
      for (const end = entry + 8192; entry < end; entry += 512) {
        const chosenA = entry + ((<usize>(a & 15)) << 5)
        const chosenB = entry + ((<usize>(b & 15)) << 5)
        a01 = v128.xor(a01, v128.load(chosenA))
        a23 = v128.xor(a23, v128.load(chosenA, 16))
        b01 = v128.xor(b01, v128.load(chosenB))
        b23 = v128.xor(b23, v128.load(chosenB, 16))
        a >>= 4
        b >>= 4
      }
    }
    v128.store(pair, v128.shuffle<u64>(a01, b01, 0, 2), STATE)
    v128.store(pair, v128.shuffle<u64>(a01, b01, 1, 3), STATE + 16)
    v128.store(pair, v128.shuffle<u64>(a23, b23, 0, 2), STATE + 32)
    v128.store(pair, v128.shuffle<u64>(a23, b23, 1, 3), STATE + 48)
  }
}
