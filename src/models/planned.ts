/** A tensor of a plan: its name, its place in a file, and what it shares with the tensors that are like it. */

import type { Distribution } from '../distribution.ts'
import type { Dtype } from '../dtypes.ts'
import type { Layout } from '../fans.ts'
import { bytesOf, type TensorEntry } from '../safetensors/header.ts'
import type { Strategy } from '../strategies.ts'
import type { Names } from './names.ts'
import type { TensorSlice } from './slices.ts'

export interface PlannedKind extends Omit<TensorEntry, 'name'> {
  /** Which axes are inputs and outputs. */
  readonly layout: Layout
  /** With every field settled that the model decides: layout, layers. */
  readonly strategy: Strategy
  readonly distribution: Distribution
  /** Tensors of one group are never put into different files. */
  readonly group?: string
  /** Where it is but a part of the parameter. */
  readonly slice?: TensorSlice
}

/** Name and kind are read through it: there may be half a million. A spread of it has none of its fields. */
export class PlannedTensor implements PlannedKind, TensorEntry {
  readonly kind: PlannedKind
  private readonly names: Names
  private readonly index: number
  private from = 0

  /** Of the name that `names` has at `index`. */
  constructor(names: Names, index: number, kind: PlannedKind) {
    this.names = names
    this.index = index
    this.kind = kind
  }

  get name(): string {
    return this.names.at(this.index)
  }

  get shape(): readonly number[] {
    return this.kind.shape
  }

  get dtype(): Dtype {
    return this.kind.dtype
  }

  get layout(): Layout {
    return this.kind.layout
  }

  get strategy(): Strategy {
    return this.kind.strategy
  }

  get distribution(): Distribution {
    return this.kind.distribution
  }

  get group(): string | undefined {
    return this.kind.group
  }

  get slice(): TensorSlice | undefined {
    return this.kind.slice
  }

  /** Where its bytes begin in the data of its file, */
  get begin(): number {
    return this.from
  }

  /** and where they end. */
  get end(): number {
    return this.from + bytesOf(this)
  }

  /** Said once, when its file is laid out. */
  place(begin: number): this {
    this.from = begin
    return this
  }
}
