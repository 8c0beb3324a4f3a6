/**
 * Parameters and constants as vectors in memory, where the loops load them turn by turn. In a register each would
 * push a state of the generator out of the sixteen that x86-64 has, and V8 rebuilds a v128 constant in every
 * turn (three instructions); a load costs nothing there, since the vector units are what is full.
 */

import {
  BIAS_BF16,
  BIAS_F16,
  CELL,
  HALF,
  LANES,
  LAST,
  LEAST_F16,
  ONE,
  SIGN,
  SLOTS,
  SLOTS_END,
} from './workspace'

/** Sets the constants, and copies every slot into four lanes. */
export function spread(work: usize): void {
  store<u32>(work, 0x3f000000, HALF)
  store<u32>(work, 0x3f800000, ONE)
  store<u32>(work, 0x80000000, SIGN)
  store<u32>(work, 0xffff0000, CELL)
  store<u32>(work, 1, LAST)
  store<u32>(work, 0x7fff, BIAS_BF16)
  store<u32>(work, <u32>((15 - 127) << 23) + 0xfff, BIAS_F16)
  store<u32>(work, 113 << 23, LEAST_F16)
  for (let slot = SLOTS; slot < SLOTS_END; slot += 4) {
    v128.store(work + ((slot - SLOTS) << 2), v128.load32_splat(work + slot), LANES)
  }
}

/** The slot, four times. */
export function lanes(work: usize, slot: usize): v128 {
  return v128.load(work + ((slot - SLOTS) << 2), LANES)
}
