/**
 * The stream: the random bits of a tensor's elements, a function of (seed, name, purpose, index) alone.
 * `docs/reference/stream.md` defines it precisely enough to implement it in any language. Every constant in this file
 * influences the stream.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { checkText, throwTypeError, throwRangeError } from '../errors/validate.ts'

/** The version of the stream that this package produces, the only one so far. */
export const STREAM_VERSION = 1

/** Draws in a block. */
export const BLOCK_SIZE = 8192

/**
 * A seed: any string, or an integer that stands for its decimal digits. 42, 42n and "42" are the same seed; "042" is
 * another. A number must be a safe integer.
 */
export type Seed = number | bigint | string

/** The text of a seed, which manifests record. */
export function normalizeSeed(seed: Seed): string {
  if (typeof seed === 'string') return checkText('seed', seed)
  if (typeof seed === 'bigint') return String(seed)
  if (typeof seed !== 'number') throwTypeError('seed', 'a string, a safe integer or a bigint', seed)
  if (!Number.isSafeInteger(seed)) {
    throwRangeError('seed', 'a safe integer (use a bigint or a string beyond 2^53)', seed)
  }
  return String(seed) // -0 becomes "0"
}

/** Checks a tensor's name: a non-empty string. */
export function checkName(name: unknown): string {
  if (checkText('name', name) === '') throwRangeError('name', 'a non-empty string', name)
  return name as string
}

/**
 * The key of one stream of a tensor: eight 32-bit words, little-endian halves of k0..k3.
 * `purpose` is '' for the main stream; a strategy that needs more than one draw per element names another.
 */
export function deriveKey(seed: Seed, name: string, purpose = ''): Uint32Array {
  const bytes = encodeUtf8(
    `simdinit/${STREAM_VERSION}\n` +
      encodeNetstring(normalizeSeed(seed)) +
      encodeNetstring(checkName(name)) +
      encodeNetstring(checkText('purpose', purpose)),
  )
  // oxlint-disable-next-line no-underscore-dangle -- the name is the library's
  initialHash._cloneInto(hash).update(bytes).digestInto(digest)
  const words = new Uint32Array(8)
  for (let word = 0; word < 8; word++) words[word] = digestView.getUint32(4 * word, true)
  return words
}

/** One hash and one buffer for all keys: for a model of many small tensors, new ones would cost more than hashing. */
const initialHash = sha256.create()
const hash = sha256.create()
const digest = new Uint8Array(32)
const digestView = new DataView(digest.buffer)
const scratch = new Uint8Array(512)
const scratchViews: Uint8Array[] = []

/** UTF-8. A loop is faster than TextEncoder for short ASCII, as names are. */
function encodeUtf8(text: string): Uint8Array {
  const { length } = text
  if (length > scratch.length) return new TextEncoder().encode(text)
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return new TextEncoder().encode(text)
    scratch[i] = code
  }
  return (scratchViews[length] ??= scratch.subarray(0, length))
}

/** Length in bytes as decimal, ":", the text, ",": no two lists of texts give the same bytes. */
function encodeNetstring(text: string): string {
  return `${encodeUtf8(text).length}:${text},`
}

/** 2^64 over the golden ratio, made odd: SplitMix64's increment. */
const GOLDEN_GAMMA: U64 = [0x7f4a7c15, 0x9e3779b9]

/** Multipliers of SplitMix64's finalizer (Steele, Lea and Flood, 2014). */
const MIX_MULTIPLIER_1: U64 = [0x1ce4e5b9, 0xbf58476d]
const MIX_MULTIPLIER_2: U64 = [0x133111eb, 0x94d049bb]

/** A u64 as its low and high 32 bits. */
type U64 = [low: number, high: number]

/** The initial state s0..s3 (low, high, low, high, ...) of xoshiro256++ for a `lane` of a `block` under `key`. */
export function seedLane(key: Uint32Array, block: number, lane: number): Int32Array {
  const low = (block % 2 ** 32) | 0
  const high = (block / 2 ** 32) | 0
  const at: U64 = [(low << 3) | (2 * lane), (high << 3) | (low >>> 29)]
  const n = multiply(at, GOLDEN_GAMMA)
  const m = add(n, GOLDEN_GAMMA)
  const k: U64[] = [0, 1, 2, 3].map((i) => [key[2 * i], key[2 * i + 1]])
  const s0 = mix(xor(mix(add(n, k[0])), k[1]))
  const s1 = mix(xor(mix(add(m, k[0])), k[1]))
  const s2 = mix(xor(mix(add(n, k[2])), k[3]))
  const s3 = mix(xor(mix(add(m, k[2])), k[3]))
  return Int32Array.of(...s0, ...s1, ...s2, ...s3)
}

/** The finalizer of SplitMix64, a bijection of u64: no two lanes or blocks of a key share a state. */
function mix(z: U64): U64 {
  const y = multiply(xor(z, shiftRight(z, 30)), MIX_MULTIPLIER_1)
  const x = multiply(xor(y, shiftRight(y, 27)), MIX_MULTIPLIER_2)
  return xor(x, shiftRight(x, 31))
}

function add([aLow, aHigh]: U64, [bLow, bHigh]: U64): U64 {
  const low = (aLow >>> 0) + (bLow >>> 0)
  return [low | 0, (aHigh + bHigh + (low >= 2 ** 32 ? 1 : 0)) | 0]
}

function xor([aLow, aHigh]: U64, [bLow, bHigh]: U64): U64 {
  return [aLow ^ bLow, aHigh ^ bHigh]
}

/** z >> bits, for bits in 1..31. */
function shiftRight([low, high]: U64, bits: number): U64 {
  return [(low >>> bits) | (high << (32 - bits)), high >>> bits]
}

/** The low 64 bits of a product. */
function multiply([aLow, aHigh]: U64, [bLow, bHigh]: U64): U64 {
  const high = multiplyHigh(aLow, bLow) + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)
  return [Math.imul(aLow, bLow), high | 0]
}

/** The high 32 bits of the product of two u32. */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = a1 * b0 + ((a0 * b0) >>> 16)
  const cross = a0 * b1 + (middle % 65536)
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(cross / 65536)) | 0
}
