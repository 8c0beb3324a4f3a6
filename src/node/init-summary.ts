/**
 * What was made, by kind of tensor: names that differ in numbers alone are of one kind. Of each kind the first
 * quarter of a million elements are measured: enough to see a mistake, and no time beside making and writing them.
 */

import { effectiveStd } from '../distributions/effective-std.ts'
import type { Distribution } from '../distributions/distribution.ts'
import type { ChunkPart, PlannedTensor } from '../models/index.ts'
import { RunningStats } from '../numeric/running-stats.ts'
import type { Strategy } from '../strategies/strategy.ts'

export interface TensorGroup {
  /** The name, with `*` for each part that is a number. */
  readonly pattern: string
  readonly strategy: Strategy
  readonly distribution: Distribution
  readonly tensors: number
  readonly wantedStd: number
  /** Of its first 2^18 elements. */
  readonly measuredStd: number
  readonly measuredMean: number
}

/** Elements of a kind that are measured. */
const MAX_MEASURED_ELEMENTS = 2 ** 18

interface GroupAccumulator {
  readonly pattern: string
  readonly example: PlannedTensor
  readonly moments: RunningStats
  tensors: number
}

export class InitSummary {
  private readonly groups = new Map<string, GroupAccumulator>()

  add({ tensor, elementOffset, data }: ChunkPart<PlannedTensor>): void {
    const pattern = tensor.name.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*')
    const key = `${pattern} ${JSON.stringify(tensor.distribution)}`
    let kind = this.groups.get(key)
    if (!kind)
      this.groups.set(key, (kind = { pattern, example: tensor, moments: new RunningStats(), tensors: 0 }))
    if (elementOffset === 0) kind.tensors++
    const { moments } = kind
    if (moments.count < MAX_MEASURED_ELEMENTS)
      moments.add(data.subarray(0, MAX_MEASURED_ELEMENTS - moments.count), tensor.dtype)
  }

  get kinds(): TensorGroup[] {
    return [...this.groups.values()].map(({ pattern, example, tensors, moments }) => ({
      pattern,
      strategy: example.strategy,
      distribution: example.distribution,
      tensors,
      wantedStd: effectiveStd(example.distribution),
      measuredStd: moments.std,
      measuredMean: moments.mean,
    }))
  }
}
