/** Plans a checkpoint from a config.json and generates its bytes. Runs in browsers. */
export { FormatError, InputError, SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
export { KNOWN_DEVIATIONS, type KnownDeviation } from './known-deviations.ts'
export { FAMILIES } from './families/family-registry.ts'
export type { Family } from './families/family.ts'
export {
  generateChunks,
  CHUNK_BYTES,
  computeEngineMemory,
  lendBuffers,
  type Chunk,
  type ChunkPart,
} from './generate-chunks.ts'
export {
  parseConfig,
  type ConfigDocument,
  type ConfigFields,
  type NumberLiterals,
} from './config-document.ts'
export {
  formatManifest,
  MANIFEST_FILE,
  createManifest,
  type Manifest,
  type ManifestFile,
  type ManifestOptions,
  type ManifestTensor,
} from './manifest.ts'
export type { Model, Parameter, Role } from './model-builder.ts'
export { RECIPES, listRecipes, type BuiltinRecipe } from './recipes/builtin-recipes.ts'
export { planModel, type Plan, type PlannedFile, type PlannedTensor, type PlanOptions } from './plan.ts'
export { listTensorInfo, type TensorInfo } from './tensor-info.ts'
export { PRESETS } from './presets.ts'
export type { TensorSlice } from './tensor-slices.ts'
export { parseRecipe, matchesPattern, type Recipe, type Rule } from './recipes/recipe.ts'
