/** A tensor of a plan: its name, its place in a file, and what it shares with the tensors that are like it. */

import type { Distribution } from '../distributions/distribution.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import type { Layout } from '../strategies/layout.ts'
import { computeByteLength, type TensorEntry } from '../safetensors/header.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { Names } from './string-table.ts'
import type { TensorSlice } from './tensor-slices.ts'

export interface PlannedTensorSpec extends Omit<TensorEntry, 'name'> {
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
export class PlannedTensor implements PlannedTensorSpec, TensorEntry {
  readonly spec: PlannedTensorSpec
  private readonly names: Names
  private readonly index: number
  private offset = 0

  /** Of the name that `names` has at `index`. */
  constructor(names: Names, index: number, kind: PlannedTensorSpec) {
    this.names = names
    this.index = index
    this.spec = kind
  }

  get name(): string {
    return this.names.at(this.index)
  }

  get shape(): readonly number[] {
    return this.spec.shape
  }

  get dtype(): Dtype {
    return this.spec.dtype
  }

  get layout(): Layout {
    return this.spec.layout
  }

  get strategy(): Strategy {
    return this.spec.strategy
  }

  get distribution(): Distribution {
    return this.spec.distribution
  }

  get group(): string | undefined {
    return this.spec.group
  }

  get slice(): TensorSlice | undefined {
    return this.spec.slice
  }

  /** Where its bytes begin in the data of its file, */
  get begin(): number {
    return this.offset
  }

  /** and where they end. */
  get end(): number {
    return this.offset + computeByteLength(this)
  }

  /** Said once, when its file is laid out. */
  setOffset(begin: number): this {
    this.offset = begin
    return this
  }
}
