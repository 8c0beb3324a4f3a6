/**
 * A test file that imports this runs twice: in `npm test` with few cases and small sizes, and in `npm run test:slow`
 * with all of them.
 */

import { inject, it } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    tier: 'fast' | 'slow'
  }
}

export const isSlowTier = inject('tier') === 'slow'

/** A test that only `npm run test:slow` runs; `npm test` counts it as skipped. */
export const itSlow = it.runIf(isSlowTier)

/** The first value in `npm test`, the second in `npm run test:slow`. */
export function byTier<T>(fast: T, slow: T): T {
  return isSlowTier ? slow : fast
}

/** All cases in `npm run test:slow`; in `npm test` this many, evenly spaced, starting with the first. */
export function pickByTier<T>(count: number, cases: readonly T[]): T[] {
  if (isSlowTier || cases.length <= count) return [...cases]
  return Array.from({ length: count }, (_, i) => cases[Math.floor((i * cases.length) / count)])
}
