/**
 * Parameters and constants as vectors in memory, which the loops load in every iteration. Kept in registers, they would
 * displace words of the generators from the sixteen that x86-64 has; written as v128 constants, V8 would rebuild them
 * in every iteration (three instructions). The loads are free, because the vector units are the bottleneck.
 */

import {
  BF16_ROUNDING_BIAS,
  CELL_MASK,
  DTYPE,
  EXPONENT_MASK,
  F16,
  F8_E4M3,
  F8_E5M2,
  HALF,
  BROADCASTS,
  LOWEST_BIT,
  MIN_NORMAL,
  ULP_EXPONENT_OFFSET,
  ONE,
  SIGN_MASK,
  ELEMENT_SIGN_MASK,
  SLOTS,
  SLOTS_END,
} from './workspace'

/** Sets the constants, and copies every slot to the four lanes of its vector. */
export function broadcastConstants(work: usize): void {
  store<u32>(work, 0x3f000000, HALF)
  store<u32>(work, 0x3f800000, ONE)
  store<u32>(work, 0x80000000, SIGN_MASK)
  store<u32>(work, 0xffff0000, CELL_MASK)
  store<u32>(work, 1, LOWEST_BIT)
  store<u32>(work, 0x7fff, BF16_ROUNDING_BIAS)
  store<u32>(work, 0x7f800000, EXPONENT_MASK)
  switch (load<u32>(work, DTYPE)) {
    case F16:
      setFormatConstants(work, 15, 10, 0x80008000)
      break
    case F8_E4M3:
      setFormatConstants(work, 7, 3, 0x80808080)
      break
    case F8_E5M2:
      setFormatConstants(work, 15, 2, 0x80808080)
  }
  for (let slot = SLOTS; slot < SLOTS_END; slot += 4) {
    v128.store(work + ((slot - SLOTS) << 2), v128.load32_splat(work + slot), BROADCASTS)
  }
}

function setFormatConstants(work: usize, bias: u32, mantissaBits: u32, signMask: u32): void {
  store<u32>(work, (128 - bias) << 23, MIN_NORMAL)
  store<u32>(work, (23 - mantissaBits) << 23, ULP_EXPONENT_OFFSET)
  store<u32>(work, signMask, ELEMENT_SIGN_MASK)
}

/** The value of a slot in all four lanes. */
export function loadBroadcast(work: usize, slot: usize): v128 {
  return v128.load(work + ((slot - SLOTS) << 2), BROADCASTS)
}
