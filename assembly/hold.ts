/**
 * Constants that a compiler cannot see through. V8 rebuilds a v128 constant in every turn of a loop (three
 * instructions); one that came from memory stays in its register.
 */

import { HOLD } from './workspace'

/** Four copies of `bits`. */
export function hold(work: usize, bits: u32): v128 {
  store<u32>(work, bits, HOLD)
  return v128.load32_splat(work, HOLD)
}
