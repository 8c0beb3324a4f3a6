/**
 * What was made, by kind of tensor: names that differ in numbers alone are of one kind. Of each kind the first
 * quarter of a million elements are measured: enough to see a mistake, and no time beside making and writing them.
 */

import { realisedStd, type Distribution } from '../distribution.ts'
import type { Part, PlannedTensor } from '../models/index.ts'
import { Moments } from '../moments.ts'
import type { Strategy } from '../strategies.ts'

export interface Kind {
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
const ENOUGH = 2 ** 18

interface Gathered {
  readonly pattern: string
  readonly example: PlannedTensor
  readonly moments: Moments
  tensors: number
}

export class Summary {
  private readonly found = new Map<string, Gathered>()

  add({ tensor, first, data }: Part<PlannedTensor>): void {
    const pattern = tensor.name.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*')
    const key = `${pattern} ${JSON.stringify(tensor.distribution)}`
    let kind = this.found.get(key)
    if (!kind) this.found.set(key, (kind = { pattern, example: tensor, moments: new Moments(), tensors: 0 }))
    if (first === 0) kind.tensors++
    const { moments } = kind
    if (moments.count < ENOUGH) moments.add(data.subarray(0, ENOUGH - moments.count), tensor.dtype)
  }

  get kinds(): Kind[] {
    return [...this.found.values()].map(({ pattern, example, tensors, moments }) => ({
      pattern,
      strategy: example.strategy,
      distribution: example.distribution,
      tensors,
      wantedStd: realisedStd(example.distribution),
      measuredStd: moments.std,
      measuredMean: moments.mean,
    }))
  }
}
