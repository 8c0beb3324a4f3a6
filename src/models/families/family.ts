/** What a family of models says of itself. One file a family; `registry.ts` lists them. */

import type { Config } from '../model-config.ts'
import type { Model } from '../model-builder.ts'

export interface Family {
  /** `model_type` in the config. */
  readonly type: string
  /** The classes whose checkpoints are known; the first is meant where the config names none. */
  readonly architectures: readonly string[]
  /** Where names, shapes and rules come from. */
  readonly source: string
  /** The model that a config describes. Tied tensors, and buffers that are not stored, are left out. */
  buildModel(config: Config, architecture: string): Model
}

/** More than any model has, and few enough to list. */
export const MAX_LAYERS = 10_000
