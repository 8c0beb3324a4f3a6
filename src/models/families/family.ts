/** The interface of a model family. Each family has a file here; `family-registry.ts` lists them. */

import type { Config } from '../model-config.ts'
import type { Model } from '../model-builder.ts'

/** A family of models: the configs it accepts and the tensors of their checkpoints. */
export interface Family {
  /** `model_type` in config.json, such as `llama`. */
  readonly type: string
  /** The supported classes. The first one is used if the config names none. */
  readonly architectures: readonly string[]
  /** The source of names, shapes and rules of initialization. */
  readonly source: string
  /**
   * Builds the model that a config describes. Tied tensors are left out, and so are buffers that are not stored.
   * Applications call `planModel`, which does this for the family of the config.
   * @param config The fields of config.json.
   * @param architecture One of `architectures`.
   * @returns The model, with its tensors in the order in which `save_pretrained` splits them into files.
   */
  buildModel(config: Config, architecture: string): Model
}

/** The limit on layers: above that of any published model, low enough to list their tensors. */
export const MAX_LAYERS = 10_000
