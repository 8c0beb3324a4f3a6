/**
 * A model as the list of what its checkpoint stores, in the order in which `save_pretrained` splits it into files.
 * Families are written with the helpers here, a call for each module; a call says what the module is in the model
 * (`Role`, which recipes read) and, where that is not the general rule of transformers, how `hf` fills it.
 *
 * The general rule (`PreTrainedModel._init_weights`, modeling_utils.py): linear layers, convolutions and embeddings
 * N(0, std), an embedding's padding row 0, biases 0, norms 1 and 0.
 */

import { InputError } from '../errors/simdinit-error.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import type { Layout } from '../strategies/layout.ts'
import { normal, ones, zeros } from '../strategies/elementary.ts'
import { zeroRows } from '../strategies/zero-rows.ts'
import type { BaseStrategy } from '../strategies/registry.ts'
import type { Strategy } from '../strategies/strategy.ts'

/** More than any published model has, and few enough for 400 MB of memory in all (`memory.test.ts`). */
export const MAX_TENSORS = 150_000

/** What a tensor is in its model. */
export type Role =
  /** Embeddings: of tokens, of positions, of segments (token types). */
  | 'tokens'
  | 'positions'
  | 'segments'
  /** Attention. `queryKeyValue` is the three in one; `attentionOut` ends in a residual sum. */
  | 'query'
  | 'key'
  | 'value'
  | 'queryKeyValue'
  | 'attentionOut'
  /** The feed-forward part: into it, gating it, multiplied by the gate, and out of it into a residual sum. */
  | 'mlpIn'
  | 'mlpGate'
  | 'mlpUp'
  | 'mlpOut'
  /** What chooses among experts. */
  | 'router'
  /** From the residual stream to tokens, where that is not tied to their embedding. */
  | 'head'
  /** Any other matrix: poolers, classifiers, projections of embeddings. */
  | 'dense'
  | 'convolution'
  /** The scale of a norm. */
  | 'norm'
  | 'bias'
  /** A parameter of another kind, of any shape. */
  | 'other'
  /** Stored, but not a parameter: not trained, nor counted. */
  | 'buffer'

/** Where a module stands: which of how many layers, and of which half of a model that has two. */
export interface LayerPosition {
  /** From 0. */
  readonly layer?: number
  /** Of the stack that it stands in. */
  readonly layers: number
  readonly stack?: 'encoder' | 'decoder'
}

export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  readonly role: Role
  /** Which axes of a matrix are inputs and outputs. */
  readonly layout: Layout
  readonly position: LayerPosition
  /** What transformers' `_init_weights` is meant to do. */
  readonly defaultInit: Strategy
  /** The row of an embedding that stands for nothing. */
  readonly paddingIndex?: number
  /** The dtypes of a checkpoint in which this is stored as f32 all the same. */
  readonly keepInF32For: readonly Dtype[]
  /** Tensors that the hub never puts into different files, since transformers cuts them from one. */
  readonly group?: string
}

/** What a call may add to the general rule. */
export interface ModuleOptions {
  readonly bias?: boolean
  readonly layout?: Layout
  readonly defaultInit?: Strategy
  readonly keepInF32For?: readonly Dtype[]
  readonly group?: string
}

interface ModelOptions {
  /** Of the residual stream. */
  readonly hiddenSize: number
  readonly layers: number
  /** Of linear layers and embeddings, where nothing else is said. */
  readonly std: number
  /** Where transformers renames tensors as it saves them, it sorts them, and "bias" comes before "weight". */
  readonly biasFirst?: boolean
}

export class Model {
  readonly hiddenSize: number
  readonly layers: number
  readonly std: number
  readonly parameters: Parameter[] = []
  private readonly biasFirst: boolean

  constructor({ hiddenSize, layers, std, biasFirst = false }: ModelOptions) {
    this.hiddenSize = hiddenSize
    this.layers = layers
    this.std = std
    this.biasFirst = biasFirst
  }

  /** The modules below `name`; '' is the model itself. */
  scope(name: string, place: LayerPosition = { layers: this.layers }): ModuleScope {
    return new ModuleScope(this, name === '' ? '' : `${name}.`, place, this.biasFirst)
  }
}

/** Modules whose names begin alike. */
export class ModuleScope {
  private readonly model: Model
  private readonly prefix: string
  private readonly position: LayerPosition
  private readonly biasFirst: boolean
  private readonly groups = new Map<string, string>()

  constructor(model: Model, prefix: string, place: LayerPosition, biasFirst: boolean) {
    this.model = model
    this.prefix = prefix
    this.position = place
    this.biasFirst = biasFirst
  }

  scope(name: string, place: LayerPosition = this.position): ModuleScope {
    return new ModuleScope(this.model, `${this.prefix}${name}.`, place, this.biasFirst)
  }

  /** `name.0` to `name.(count - 1)`: a stack of layers. */
  *eachLayer(name: string, count: number): Generator<ModuleScope> {
    for (let layer = 0; layer < count; layer++) {
      yield this.scope(`${name}.${layer}`, { ...this.position, layer, layers: count })
    }
  }

  /** A tensor of any kind, by its whole name. */
  tensor(name: string, role: Role, shape: readonly number[], hf: Strategy, extra: Partial<Parameter> = {}) {
    const { layout = 'oi', keepInF32For = [], paddingIndex } = extra
    const { parameters } = this.model
    if (parameters.length === MAX_TENSORS) {
      throw new InputError(`config.json: it describes a model of more than ${MAX_TENSORS} tensors`)
    }
    const group = extra.group === undefined ? undefined : this.getGroupName(extra.group)
    parameters.push({
      name: `${this.prefix}${name}`,
      shape,
      role,
      layout,
      position: this.position,
      defaultInit: hf,
      keepInF32For,
      ...(paddingIndex !== undefined && { paddingIndex }),
      ...(group !== undefined && { group }),
    })
  }

  /** One string for all tensors of a group, of which there can be tens of thousands. */
  private getGroupName(name: string): string {
    let group = this.groups.get(name)
    if (group === undefined) this.groups.set(name, (group = `${this.prefix}${name}`))
    return group
  }

  /** `rows` vectors of `width`; that of index `padding` is 0. */
  embedding(
    name: string,
    role: Role,
    rows: number,
    width: number,
    options: { paddingIndex?: number; defaultInit?: BaseStrategy } = {},
  ) {
    const { paddingIndex, defaultInit = normal({ std: this.model.std }) } = options
    const strategy =
      paddingIndex === undefined ? defaultInit : zeroRows({ rows: [paddingIndex], strategy: defaultInit })
    this.tensor(`${name}.weight`, role, [rows, width], strategy, { paddingIndex })
  }

  /** `into` inputs to `out` outputs. No bias unless `bias`. */
  linear(name: string, role: Role, into: number, out: number, extra: ModuleOptions = {}) {
    const shape = extra.layout === 'io' ? [into, out] : [out, into]
    this.addWeightAndBias(name, role, shape, out, extra)
  }

  /** A kernel of [out, in / groups, ...size], and its bias. */
  convolution(name: string, shape: readonly number[], extra: ModuleOptions = {}) {
    this.addWeightAndBias(name, 'convolution', shape, shape[0], extra)
  }

  private addWeightAndBias(
    name: string,
    role: Role,
    shape: readonly number[],
    out: number,
    extra: ModuleOptions,
  ) {
    const { bias = false, defaultInit = normal({ std: this.model.std }) } = extra
    const weight = () => this.tensor(`${name}.weight`, role, shape, defaultInit, extra)
    const zero = () => bias && this.tensor(`${name}.bias`, 'bias', [out], zeros())
    this.addInOrder(weight, zero)
  }

  /** Scales of 1, or as `hf` says, and biases of 0 where there are any. */
  norm(name: string, size: number, { bias = false, defaultInit = ones() }: ModuleOptions = {}) {
    const weight = () => this.tensor(`${name}.weight`, 'norm', [size], defaultInit)
    const zero = () => bias && this.tensor(`${name}.bias`, 'bias', [size], zeros())
    this.addInOrder(weight, zero)
  }

  private addInOrder(weight: () => void, bias: () => void) {
    if (this.biasFirst) bias()
    weight()
    if (!this.biasFirst) bias()
  }
}
