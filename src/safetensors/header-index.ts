/**
 * The tensors of a header in columns, 30 bytes each, because the largest header can list five million. Names and
 * shapes stay in the header's bytes and are decoded on access.
 */

import { JsonReader, decodeStringAt } from './json-events.ts'
import { STORED_BITS, type StoredDtype } from './stored-dtypes.ts'

const DTYPES = Object.keys(STORED_BITS) as StoredDtype[]
const DTYPE_CODES = new Map(DTYPES.map((dtype, code) => [dtype, code]))

/** Bytes of the shortest entry. */
const MIN_ENTRY_BYTES = '"":["U8",[],[0,0]],'.length

/** An index of the tensors in the bytes of a header. */
export class HeaderIndex {
  private readonly bytes: Uint8Array
  private length = 0
  private readonly nameOffsets: Uint32Array
  private readonly shapeOffsets: Uint32Array
  private readonly dtypeCodes: Uint8Array
  readonly begins: Float64Array
  readonly ends: Float64Array

  /** Allocates the maximum size: the host commits memory only when it is written. */
  constructor(bytes: Uint8Array) {
    const capacity = Math.floor(bytes.length / MIN_ENTRY_BYTES) + 1
    this.bytes = bytes
    this.nameOffsets = new Uint32Array(capacity)
    this.shapeOffsets = new Uint32Array(capacity)
    this.dtypeCodes = new Uint8Array(capacity)
    this.begins = new Float64Array(capacity)
    this.ends = new Float64Array(capacity)
  }

  /** Adds a tensor, with its name and shape as offsets in the header. */
  add(nameOffset: number, dtype: StoredDtype, shapeOffset: number, begin: number, end: number): void {
    const index = this.length++
    this.nameOffsets[index] = nameOffset
    this.shapeOffsets[index] = shapeOffset
    this.dtypeCodes[index] = DTYPE_CODES.get(dtype)!
    this.begins[index] = begin
    this.ends[index] = end
  }

  name(index: number): string {
    return decodeStringAt(this.bytes, this.nameOffsets[index])
  }

  dtype(index: number): StoredDtype {
    return DTYPES[this.dtypeCodes[index]]
  }

  /** A reader at the array of dimensions. */
  shapeReader(index: number): JsonReader {
    return new JsonReader(this.bytes, this.shapeOffsets[index])
  }

  /** Tensors in the order of their data. Of entries with the same name the last one counts, as in the reference. */
  sortByOffset(): Uint32Array {
    const { begins, ends } = this
    const order = this.deduplicateNames()
    const compare = (a: number, b: number) => begins[a] - begins[b] || ends[a] - ends[b] || a - b
    for (let i = 1; i < order.length; i++)
      if (compare(order[i - 1], order[i]) > 0) return order.toSorted(compare)
    return order // nearly every writer sorts by offset
  }

  /** Finds equal names by sorted hashes: a map of five million names would exceed all other memory. */
  private deduplicateNames(): Uint32Array {
    const sorted = new BigUint64Array(this.length)
    const halves = new Uint32Array(sorted.buffer)
    for (let i = 0; i < this.length; i++) {
      halves[2 * i] = i
      halves[2 * i + 1] = hashStringAt(this.bytes, this.nameOffsets[i])
    }
    sorted.sort()
    const kept = new Uint32Array(this.length)
    let count = 0
    for (let i = 0, next = 0; i < this.length; i = next) {
      for (next = i + 1; next < this.length && halves[2 * next + 1] === halves[2 * i + 1];) next++
      if (next === i + 1) {
        kept[count++] = halves[2 * i]
        continue
      }
      const last = new Map<string, number>()
      for (let k = i; k < next; k++) last.set(this.name(halves[2 * k]), halves[2 * k])
      for (const index of last.values()) kept[count++] = index
    }
    return kept.subarray(0, count).toSorted()
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c]

/** Hashes the string that starts at `from`. Escapes do not change the hash. */
function hashStringAt(bytes: Uint8Array, from: number): number {
  let to = from
  for (; bytes[to] !== QUOTE; to++) {
    if (bytes[to] === BACKSLASH) return computeFnv1a(new TextEncoder().encode(decodeStringAt(bytes, from)))
  }
  return computeFnv1a(bytes, from, to)
}

/** The 32-bit FNV-1a hash of bytes [from, to). */
function computeFnv1a(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = 0x811c9dc5
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return hash
}
