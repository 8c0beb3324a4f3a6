/**
 * Parameters and constants as vectors in memory, where the loops load them turn by turn. In a register each would
 * push a state of the generator out of the sixteen that x86-64 has, and V8 rebuilds a v128 constant in every
 * turn (three instructions); a load costs nothing there, since the vector units are what is full.
 */

import {
  BIAS_BF16,
  CELL,
  DTYPE,
  EXPONENT,
  F16,
  F8_E4M3,
  F8_E5M2,
  HALF,
  LANES,
  LAST,
  LEAST,
  LIFT,
  ONE,
  SIGN,
  SIGNS,
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
  store<u32>(work, 0x7f800000, EXPONENT)
  switch (load<u32>(work, DTYPE)) {
    case F16:
      format(work, 15, 10, 0x80008000)
      break
    case F8_E4M3:
      format(work, 7, 3, 0x80808080)
      break
    case F8_E5M2:
      format(work, 15, 2, 0x80808080)
  }
  for (let slot = SLOTS; slot < SLOTS_END; slot += 4) {
    v128.store(work + ((slot - SLOTS) << 2), v128.load32_splat(work + slot), LANES)
  }
}

function format(work: usize, bias: u32, digits: u32, signs: u32): void {
  store<u32>(work, (128 - bias) << 23, LEAST)
  store<u32>(work, (23 - digits) << 23, LIFT)
  store<u32>(work, signs, SIGNS)
}

/** The slot, four times. */
export function lanes(work: usize, slot: usize): v128 {
  return v128.load(work + ((slot - SLOTS) << 2), LANES)
}
