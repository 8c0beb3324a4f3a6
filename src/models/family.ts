/** What a family of models says of itself. One file a family; `families.ts` lists them. */

import type { Layout } from '../fans.ts'
import type { Config } from './config.ts'
import type { Recipe } from './recipes.ts'

/** A parameter of a model, as its checkpoint stores it. */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  /** Which axes of a matrix are inputs and outputs. */
  readonly layout: Layout
}

export interface Family {
  /** `model_type` in the config. */
  readonly type: string
  /** The classes whose checkpoints are known; the first is meant where the config names none. */
  readonly architectures: readonly string[]
  /** Stored parameters: tied ones and buffers are left out. */
  parameters(config: Config): Parameter[]
  /** The number of layers, which depth-dependent strategies read. */
  layers(config: Config): number
  /** Recipes by name. */
  readonly recipes: Readonly<Record<string, (config: Config) => Recipe>>
}
