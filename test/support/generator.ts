/**
 * The generator and its seeding in BigInt, written from their definitions (docs/reference/stream.md, and Vigna's page
 * on xoshiro256++ and SplitMix64): the oracle of the tests, which follows its sources line by line.
 */

import { createHash } from 'node:crypto'

const MASK = 2n ** 64n - 1n
const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n

export type GeneratorState = [bigint, bigint, bigint, bigint]

const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (64n - k))) & MASK

/** One step of xoshiro256++, in place; returns its output. */
export function next(s: GeneratorState): bigint {
  const result = (rotl((s[0] + s[3]) & MASK, 23n) + s[0]) & MASK
  const t = (s[1] << 17n) & MASK
  s[2] ^= s[0]
  s[3] ^= s[1]
  s[1] ^= s[2]
  s[0] ^= s[3]
  s[2] ^= t
  s[3] = rotl(s[3], 45n)
  return result
}

export function mix(z: bigint): bigint {
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK
  return z ^ (z >> 31n)
}

/** The first outputs of SplitMix64. */
export function splitMix(seed: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => mix((seed + BigInt(i + 1) * GOLDEN_GAMMA) & MASK))
}

const netstring = (text: string) => `${Buffer.byteLength(text)}:${text},`

/** The key k0..k3, by Node's own SHA-256. */
export function referenceKey(seed: string, name: string, purpose = ''): GeneratorState {
  const text = `simdinit/1\n${netstring(seed)}${netstring(name)}${netstring(purpose)}`
  const digest = createHash('sha256').update(text).digest()
  return [0, 8, 16, 24].map((at) => digest.readBigUInt64LE(at)) as GeneratorState
}

/** The initial state of a lane of a block. */
export function referenceLaneState(
  [k0, k1, k2, k3]: GeneratorState,
  block: bigint,
  lane: bigint,
): GeneratorState {
  const n = ((8n * block + 2n * lane) * GOLDEN_GAMMA) & MASK
  const m = ((8n * block + 2n * lane + 1n) * GOLDEN_GAMMA) & MASK
  return [
    mix(mix((n + k0) & MASK) ^ k1),
    mix(mix((m + k0) & MASK) ^ k1),
    mix(mix((n + k2) & MASK) ^ k3),
    mix(mix((m + k2) & MASK) ^ k3),
  ]
}

/** The first `count` draws of a block. */
export function referenceDraws(key: GeneratorState, block: bigint, count: number): number[] {
  const lanes = [0n, 1n, 2n, 3n].map((l) => referenceLaneState(key, block, l))
  const out: number[] = []
  while (out.length < count) {
    for (const state of lanes) {
      const output = next(state)
      out.push(Number(output & 0xffffffffn), Number(output >> 32n))
    }
  }
  return out.slice(0, count)
}
