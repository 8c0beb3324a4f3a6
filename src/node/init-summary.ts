/**
 * Summarizes what a run writes by groups of tensors: those with one distribution whose names differ only in numbers.
 * Of each group the first 2^18 elements are measured, which reveals mistakes and costs little compared with
 * generating and writing them.
 */

import type { Distribution } from '../distributions/distribution.ts'
import { effectiveStd } from '../distributions/effective-std.ts'
import { toNamePattern } from '../inspect/name-pattern.ts'
import type { ChunkPart, PlannedTensor } from '../models/index.ts'
import { RunningStats } from '../numeric/running-stats.ts'
import type { Strategy } from '../strategies/strategy.ts'

/** Tensors of one distribution whose names differ only in numbers. */
export interface TensorGroup {
  /** The name with `*` for each dotted part that is a number: `h.*.attn.weight`. */
  readonly pattern: string
  /** The strategy of the group's first tensor. */
  readonly strategy: Strategy
  /** The distribution that the strategy becomes for the group's shape. */
  readonly distribution: Distribution
  /** Number of tensors. */
  readonly tensors: number
  /** The expected standard deviation of the values. */
  readonly wantedStd: number
  /** The standard deviation of the first 2^18 elements. */
  readonly measuredStd: number
  /** The mean of the first 2^18 elements. */
  readonly measuredMean: number
}

const MAX_MEASURED_ELEMENTS = 2 ** 18

interface GroupAccumulator {
  readonly pattern: string
  readonly firstTensor: PlannedTensor
  readonly stats: RunningStats
  tensors: number
}

export class InitSummary {
  private readonly accumulators = new Map<string, GroupAccumulator>()

  add({ tensor, elementOffset, data }: ChunkPart<PlannedTensor>): void {
    const group = this.findGroup(tensor)
    if (elementOffset === 0) group.tensors++
    const { stats } = group
    if (stats.count < MAX_MEASURED_ELEMENTS)
      stats.add(data.subarray(0, MAX_MEASURED_ELEMENTS - stats.count), tensor.dtype)
  }

  get groups(): TensorGroup[] {
    return [...this.accumulators.values()].map(({ pattern, firstTensor, tensors, stats }) => ({
      pattern,
      strategy: firstTensor.strategy,
      distribution: firstTensor.distribution,
      tensors,
      wantedStd: effectiveStd(firstTensor.distribution),
      measuredStd: stats.std,
      measuredMean: stats.mean,
    }))
  }

  private findGroup(tensor: PlannedTensor): GroupAccumulator {
    const pattern = toNamePattern(tensor.name)
    const key = `${pattern} ${JSON.stringify(tensor.distribution)}`
    const known = this.accumulators.get(key)
    if (known) return known
    const group = { pattern, firstTensor: tensor, stats: new RunningStats(), tensors: 0 }
    this.accumulators.set(key, group)
    return group
  }
}
