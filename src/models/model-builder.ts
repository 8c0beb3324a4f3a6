/**
 * A model as the list of tensors that its checkpoint stores, in the order in which `save_pretrained` splits them into
 * files. Families call a method here for each module, with the module's role, which recipes read. They pass the
 * initialization of the recipe `hf` only where it deviates from the default of transformers.
 *
 * That default (`PreTrainedModel._init_weights`, modeling_utils.py) is N(0, std) for linear layers, convolutions and
 * embeddings, 0 for the padding row of an embedding and for biases, and 1 for the scale of a norm.
 */

import { InputError } from '../errors/simdinit-error.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import type { Layout } from '../strategies/layout.ts'
import { normal, ones, zeros } from '../strategies/elementary.ts'
import { zeroRows } from '../strategies/zero-rows.ts'
import type { BaseStrategy } from '../strategies/registry.ts'
import type { Strategy } from '../strategies/strategy.ts'

/** The limit on tensors: above that of any published model, and low enough for 400 MB of memory in total. */
export const MAX_TENSORS = 150_000

/** The function of a tensor in its model. */
export type Role =
  /** Embeddings: of tokens, of positions, of segments (token types). */
  | 'tokens'
  | 'positions'
  | 'segments'
  /** Attention. `queryKeyValue` is a fused projection; `attentionOut` writes to the residual stream. */
  | 'query'
  | 'key'
  | 'value'
  | 'queryKeyValue'
  | 'attentionOut'
  /** The feed-forward block: its input, its gate, the input that the gate multiplies, and its output to the residual stream. */
  | 'mlpIn'
  | 'mlpGate'
  | 'mlpUp'
  | 'mlpOut'
  /** Selects experts in a mixture of experts. */
  | 'router'
  /** Projects to the vocabulary, unless tied to the embedding of tokens. */
  | 'head'
  /** Any other matrix: poolers, classifiers, projections of embeddings. */
  | 'dense'
  | 'convolution'
  /** The scale of a norm. */
  | 'norm'
  | 'bias'
  /** A parameter of another kind, of any shape. */
  | 'other'
  /** Stored but not trained, and not counted as a parameter. */
  | 'buffer'

/** The position of a module in a model: its layer and its stack. */
export interface LayerPosition {
  /** Index of the layer in its stack, from 0. Undefined outside of layers. */
  readonly layer?: number
  /** Number of layers of the stack. */
  readonly layers: number
  /** Set in models with an encoder and a decoder. */
  readonly stack?: 'encoder' | 'decoder'
}

/** A tensor that the checkpoint of a model stores. */
export interface Parameter {
  /** The name in the checkpoint. */
  readonly name: string
  /** The shape of the whole tensor, before slicing. */
  readonly shape: readonly number[]
  /** What the tensor does in the model. */
  readonly role: Role
  /** Which axes of a matrix are inputs and outputs: `'oi'` is [out, in], `'io'` is [in, out]. */
  readonly layout: Layout
  /** The layer and the stack that the tensor belongs to. */
  readonly position: LayerPosition
  /** The strategy of the recipe `hf`: what `_init_weights` of transformers is meant to do. */
  readonly defaultInit: Strategy
  /** The row of an embedding that belongs to the padding token. */
  readonly paddingIndex?: number
  /** The dtypes of a checkpoint in which this tensor is nevertheless stored as f32. */
  readonly keepInF32For: readonly Dtype[]
  /** Tensors of one group are stored in one file: in transformers they are slices of one tensor. */
  readonly group?: string
}

/** Deviations of a module from the defaults. */
export interface ModuleOptions {
  readonly bias?: boolean
  readonly layout?: Layout
  readonly defaultInit?: Strategy
  readonly keepInF32For?: readonly Dtype[]
  readonly group?: string
}

interface ModelOptions {
  /** Width of the residual stream. */
  readonly hiddenSize: number
  readonly layers: number
  /** Default standard deviation of linear layers, convolutions and embeddings. */
  readonly std: number
  /** For models that transformers renames and therefore sorts on saving: "bias" comes before "weight". */
  readonly biasFirst?: boolean
}

/** A model that its family builds. `planModel` plans its tensors, and recipes read their roles. */
export class Model {
  /** Width of the residual stream. */
  readonly hiddenSize: number
  /** Number of layers; of the encoder, in a model with two stacks. */
  readonly layers: number
  /** Default standard deviation of linear layers, convolutions and embeddings. */
  readonly std: number
  /** The tensors so far, in the order in which `save_pretrained` splits them into files. */
  readonly parameters: Parameter[] = []
  private readonly biasFirst: boolean

  /**
   * Creates a model without tensors.
   * @param options The width, the number of layers, the default standard deviation and the order of biases.
   */
  constructor({ hiddenSize, layers, std, biasFirst = false }: ModelOptions) {
    this.hiddenSize = hiddenSize
    this.layers = layers
    this.std = std
    this.biasFirst = biasFirst
  }

  /**
   * Opens a scope that adds modules under a name.
   * @param name The prefix of the names of tensors, without the final dot; '' for the model itself.
   * @param position The layer and stack of these modules. Default: outside of layers, in the only stack.
   * @returns The scope.
   * @throws Never.
   * @example
   * import { FAMILIES } from 'simdinit/models'
   *
   * // A wrapper of a family whose models have one more linear layer
   * const withClassifier = (family) => ({
   *   ...family,
   *   buildModel(config, architecture) {
   *     const model = family.buildModel(config, architecture)
   *     model.scope('classifier').linear('out_proj', 'dense', model.hiddenSize, 2, { bias: true })
   *     return model
   *   },
   * })
   * console.log(withClassifier(FAMILIES[0]).type) // gpt2
   */
  scope(name: string, position: LayerPosition = { layers: this.layers }): ModuleScope {
    return new ModuleScope(this, name === '' ? '' : `${name}.`, position, this.biasFirst)
  }
}

/** Adds modules whose names share a prefix to a model. */
export class ModuleScope {
  private readonly model: Model
  private readonly prefix: string
  private readonly position: LayerPosition
  private readonly biasFirst: boolean
  private readonly groups = new Map<string, string>()

  constructor(model: Model, prefix: string, position: LayerPosition, biasFirst: boolean) {
    this.model = model
    this.prefix = prefix
    this.position = position
    this.biasFirst = biasFirst
  }

  /** The scope of modules below `name`. */
  scope(name: string, position: LayerPosition = this.position): ModuleScope {
    return new ModuleScope(this.model, `${this.prefix}${name}.`, position, this.biasFirst)
  }

  /** The scopes `name.0` to `name.(count - 1)` of a stack of layers. */
  *eachLayer(name: string, count: number): Generator<ModuleScope> {
    for (let layer = 0; layer < count; layer++) {
      yield this.scope(`${name}.${layer}`, { ...this.position, layer, layers: count })
    }
  }

  /** Adds a tensor of any kind. `name` includes the suffix, such as `.weight`. */
  tensor(
    name: string,
    role: Role,
    shape: readonly number[],
    defaultInit: Strategy,
    options: Partial<Parameter> = {},
  ) {
    const { layout = 'oi', keepInF32For = [], paddingIndex } = options
    const { parameters } = this.model
    if (parameters.length === MAX_TENSORS) {
      throw new InputError(`config.json describes a model with more than ${MAX_TENSORS} tensors`)
    }
    const group = options.group === undefined ? undefined : this.getGroupName(options.group)
    parameters.push({
      name: `${this.prefix}${name}`,
      shape,
      role,
      layout,
      position: this.position,
      defaultInit,
      keepInF32For,
      ...(paddingIndex !== undefined && { paddingIndex }),
      ...(group !== undefined && { group }),
    })
  }

  /** Shares one string among the tensors of a group, since there can be tens of thousands. */
  private getGroupName(name: string): string {
    let group = this.groups.get(name)
    if (group === undefined) this.groups.set(name, (group = `${this.prefix}${name}`))
    return group
  }

  /** Adds an embedding of shape [rows, width]. The row `paddingIndex` is 0. */
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

  /** Adds a linear layer, without a bias by default. */
  linear(name: string, role: Role, inputs: number, outputs: number, options: ModuleOptions = {}) {
    const shape = options.layout === 'io' ? [inputs, outputs] : [outputs, inputs]
    this.addWeightAndBias(name, role, shape, outputs, options)
  }

  /** Adds a convolution with a kernel of shape [out, in / groups, ...size], without a bias by default. */
  convolution(name: string, shape: readonly number[], options: ModuleOptions = {}) {
    this.addWeightAndBias(name, 'convolution', shape, shape[0], options)
  }

  private addWeightAndBias(
    name: string,
    role: Role,
    shape: readonly number[],
    outputs: number,
    options: ModuleOptions,
  ) {
    const { bias = false, defaultInit = normal({ std: this.model.std }) } = options
    const addWeight = () => this.tensor(`${name}.weight`, role, shape, defaultInit, options)
    const addBias = () => bias && this.tensor(`${name}.bias`, 'bias', [outputs], zeros())
    this.addInOrder(addWeight, addBias)
  }

  /** Adds a norm with scales of 1 by default. Its biases, if any, are 0. */
  norm(name: string, size: number, { bias = false, defaultInit = ones() }: ModuleOptions = {}) {
    const addWeight = () => this.tensor(`${name}.weight`, 'norm', [size], defaultInit)
    const addBias = () => bias && this.tensor(`${name}.bias`, 'bias', [size], zeros())
    this.addInOrder(addWeight, addBias)
  }

  private addInOrder(addWeight: () => void, addBias: () => void) {
    if (this.biasFirst) addBias()
    addWeight()
    if (!this.biasFirst) addBias()
  }
}
