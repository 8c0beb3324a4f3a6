/** The values of stored elements: 16 and 8 bits come from the library as patterns. */

import type { Dtype, TensorData } from 'simdinit'

/** Digits of the significand after the leading one, and the bias of the exponent, of IEEE-style formats. */
const FORMATS = {
  bf16: { bits: 16, digits: 7, bias: 127 },
  f16: { bits: 16, digits: 10, bias: 15 },
  f8_e4m3: { bits: 8, digits: 3, bias: 7 },
  f8_e5m2: { bits: 8, digits: 2, bias: 15 },
} as const

const tables = new Map<Dtype, Float32Array>()

export function decode(data: TensorData, dtype: Dtype): Float32Array {
  if (data instanceof Float32Array) return data
  let table = tables.get(dtype)
  if (!table) tables.set(dtype, (table = createTable(dtype as keyof typeof FORMATS)))
  return Float32Array.from(data as Uint16Array, (pattern) => table[pattern])
}

/** Finite values; the initial weights are no others. */
function createTable(dtype: keyof typeof FORMATS): Float32Array {
  const { bits, digits, bias } = FORMATS[dtype]
  return Float32Array.from({ length: 2 ** bits }, (_, pattern) => {
    const magnitude = pattern % 2 ** (bits - 1)
    const [exponent, fraction] = [Math.floor(magnitude / 2 ** digits), magnitude % 2 ** digits]
    const value =
      exponent === 0
        ? fraction * 2 ** (1 - bias - digits)
        : (2 ** digits + fraction) * 2 ** (exponent - bias - digits)
    return magnitude === pattern ? value : -value
  })
}
