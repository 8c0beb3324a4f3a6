/** What was made, by kind of tensor: names that differ in numbers alone are of one kind. */

import { realisedStd } from '../distribution.ts'
import type { Part, PlannedTensor } from '../models/index.ts'
import { Moments } from '../moments.ts'
import type { Strategy } from '../strategies.ts'

export interface Kind {
  /** The name, with `*` for each part that is a number. */
  readonly pattern: string
  readonly strategy: Strategy
  readonly tensors: number
  readonly wantedStd: number
  readonly measuredStd: number
  readonly measuredMean: number
}

interface Gathered {
  readonly pattern: string
  readonly first: PlannedTensor
  readonly names: Set<string>
  readonly moments: Moments
}

export class Summary {
  private readonly found = new Map<string, Gathered>()

  add({ tensor, data }: Part<PlannedTensor>): void {
    const pattern = tensor.name.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*')
    const key = `${pattern} ${JSON.stringify(tensor.distribution)}`
    let kind = this.found.get(key)
    if (!kind)
      this.found.set(key, (kind = { pattern, first: tensor, names: new Set(), moments: new Moments() }))
    kind.names.add(tensor.name)
    kind.moments.add(data, tensor.dtype)
  }

  get kinds(): Kind[] {
    return [...this.found.values()].map(({ pattern, first, names, moments }) => ({
      pattern,
      strategy: first.strategy,
      tensors: names.size,
      wantedStd: realisedStd(first.distribution),
      measuredStd: moments.std,
      measuredMean: moments.mean,
    }))
  }
}
