/** From a tensor's strategy to its distribution, checked against the dtype before anything is generated. */

import { compileTransform } from '../distributions/transform.ts'
import type { Distribution } from '../distributions/distribution.ts'
import { resolveDistribution } from '../distributions/resolve-distribution.ts'
import { InputError } from '../errors/simdinit-error.ts'
import type { TensorEntry } from '../safetensors/encode-header.ts'
import type { Strategy } from '../strategies/strategy.ts'

interface ResolvedStrategy {
  readonly strategy: Strategy
  readonly distribution: Distribution
}

/**
 * Creates a function that resolves strategies and caches the results, since many tensors share strategy, shape and
 * dtype. `shape` is that of the whole parameter. The function throws an InputError that names the tensor.
 */
export function createStrategyResolver() {
  const cache = new Map<string, ResolvedStrategy>()
  return ({ name, shape, dtype }: TensorEntry, strategy: Strategy): ResolvedStrategy => {
    const key = JSON.stringify([strategy, shape, dtype])
    let resolved = cache.get(key)
    if (resolved) return resolved
    try {
      const distribution = resolveDistribution(strategy, shape)
      compileTransform(distribution, dtype) // throws for values that the dtype cannot hold
      cache.set(key, (resolved = { strategy, distribution }))
      return resolved
    } catch (error) {
      throw new InputError(`${name}: ${(error as Error).message}`, { cause: error })
    }
  }
}
