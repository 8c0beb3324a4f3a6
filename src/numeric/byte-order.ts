/**
 * The byte order of the machine. Tensors and files are little-endian, and typed arrays have the order of the machine, so
 * every entry that computes, reads or writes elements checks it first. `simdinit/random` gives numbers and needs no check.
 */

import { SimdinitError } from '../errors/simdinit-error.ts'

/** An object, so that tests can change it. */
export const machine = { isLittleEndian: new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 }

/** Throws a SimdinitError (`ERR_UNAVAILABLE`) on a big-endian machine. */
export function checkByteOrder(): void {
  if (!machine.isLittleEndian)
    throw new SimdinitError(
      'ERR_UNAVAILABLE',
      'this machine is big-endian, and only little-endian ones are supported',
    )
}
