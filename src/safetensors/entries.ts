/**
 * What a header says of tensors, in columns beside its bytes: of the largest header that is allowed there can be five
 * million, and of each this takes 30 bytes. Names and shapes stay where they are, and are read when they are asked for.
 */

import { JsonReader, textAt } from './json.ts'
import { STORED_BITS, type StoredDtype } from './stored.ts'

const DTYPES = Object.keys(STORED_BITS) as StoredDtype[]
const CODES = new Map(DTYPES.map((dtype, code) => [dtype, code]))

/** Bytes of the shortest entry. */
const LEAST = '"":["U8",[],[0,0]],'.length

export class Entries {
  private readonly bytes: Uint8Array
  private length = 0
  private readonly names: Uint32Array
  private readonly shapes: Uint32Array
  private readonly dtypes: Uint8Array
  readonly begins: Float64Array
  readonly ends: Float64Array

  /** As large as it could become; memory that is not written to is not taken. */
  constructor(bytes: Uint8Array) {
    const most = Math.floor(bytes.length / LEAST) + 1
    this.bytes = bytes
    this.names = new Uint32Array(most)
    this.shapes = new Uint32Array(most)
    this.dtypes = new Uint8Array(most)
    this.begins = new Float64Array(most)
    this.ends = new Float64Array(most)
  }

  /** `name` and `shape` are where they lie. */
  add(name: number, dtype: StoredDtype, shape: number, begin: number, end: number): void {
    const index = this.length++
    this.names[index] = name
    this.shapes[index] = shape
    this.dtypes[index] = CODES.get(dtype)!
    this.begins[index] = begin
    this.ends[index] = end
  }

  name(index: number): string {
    return textAt(this.bytes, this.names[index])
  }

  dtype(index: number): StoredDtype {
    return DTYPES[this.dtypes[index]]
  }

  /** To be read as an array. */
  shape(index: number): JsonReader {
    return new JsonReader(this.bytes, this.shapes[index])
  }

  /** By their bytes. Of entries of one name it is the last, as in the reference. */
  inOrder(): Uint32Array {
    const { begins, ends } = this
    const order = this.lastOfEachName()
    const compare = (a: number, b: number) => begins[a] - begins[b] || ends[a] - ends[b] || a - b
    for (let i = 1; i < order.length; i++)
      if (compare(order[i - 1], order[i]) > 0) return order.toSorted(compare)
    return order // as nearly every writer has them
  }

  /** By hashes, sorted: a map of so many names would take more than all else. */
  private lastOfEachName(): Uint32Array {
    const sorted = new BigUint64Array(this.length)
    const halves = new Uint32Array(sorted.buffer)
    for (let i = 0; i < this.length; i++) {
      halves[2 * i] = i
      halves[2 * i + 1] = hashAt(this.bytes, this.names[i])
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
function hashAt(bytes: Uint8Array, from: number): number {
  let to = from
  for (; bytes[to] !== QUOTE; to++) {
    if (bytes[to] === BACKSLASH) return hashOf(encoder.encode(textAt(bytes, from)))
  }
  return hashOf(bytes, from, to)
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
  return hash
}
