/**
 * What a header says of tensors, in columns beside its bytes: of the largest header that is allowed there can be five
 * million, and of each this takes 30 bytes. Names and shapes stay where they are, and are read when they are asked for.
 */

import { JsonReader, decodeStringAt } from './json-events.ts'
import { STORED_BITS, type StoredDtype } from './stored-dtypes.ts'

const DTYPES = Object.keys(STORED_BITS) as StoredDtype[]
const DTYPE_CODES = new Map(DTYPES.map((dtype, code) => [dtype, code]))

/** Bytes of the shortest entry. */
const MIN_ENTRY_BYTES = '"":["U8",[],[0,0]],'.length

export class HeaderIndex {
  private readonly bytes: Uint8Array
  private length = 0
  private readonly nameOffsets: Uint32Array
  private readonly shapeOffsets: Uint32Array
  private readonly dtypeCodes: Uint8Array
  readonly begins: Float64Array
  readonly ends: Float64Array

  /** As large as it could become; memory that is not written to is not taken. */
  constructor(bytes: Uint8Array) {
    const most = Math.floor(bytes.length / MIN_ENTRY_BYTES) + 1
    this.bytes = bytes
    this.nameOffsets = new Uint32Array(most)
    this.shapeOffsets = new Uint32Array(most)
    this.dtypeCodes = new Uint8Array(most)
    this.begins = new Float64Array(most)
    this.ends = new Float64Array(most)
  }

  /** `name` and `shape` are where they lie. */
  add(name: number, dtype: StoredDtype, shape: number, begin: number, end: number): void {
    const index = this.length++
    this.nameOffsets[index] = name
    this.shapeOffsets[index] = shape
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

  /** To be read as an array. */
  shapeReader(index: number): JsonReader {
    return new JsonReader(this.bytes, this.shapeOffsets[index])
  }

  /** By their bytes. Of entries of one name it is the last, as in the reference. */
  sortByOffset(): Uint32Array {
    const { begins, ends } = this
    const order = this.deduplicateNames()
    const compare = (a: number, b: number) => begins[a] - begins[b] || ends[a] - ends[b] || a - b
    for (let i = 1; i < order.length; i++)
      if (compare(order[i - 1], order[i]) > 0) return order.toSorted(compare)
    return order // as nearly every writer has them
  }

  /** By hashes, sorted: a map of so many names would take more than all else. */
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

const encoder = new TextEncoder()
const [QUOTE, BACKSLASH] = [0x22, 0x5c]

/** Of the text that begins there, however it is escaped. */
function hashStringAt(bytes: Uint8Array, from: number): number {
  let to = from
  for (; bytes[to] !== QUOTE; to++) {
    if (bytes[to] === BACKSLASH) return computeFnv1a(encoder.encode(decodeStringAt(bytes, from)))
  }
  return computeFnv1a(bytes, from, to)
}

/** FNV-1a. */
function computeFnv1a(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
  return hash
}
