/** From a config to a plan, and from a plan to bytes. Browser-safe. */
export type { Alike } from './alike.ts'
export { InputError } from './config.ts'
export { DEPARTURES, type Departure } from './departures.ts'
export { FAMILIES } from './families.ts'
export type { Family } from './family.ts'
export { chunksOf, CHUNK_BYTES, engineMemory, lendBuffers, type Chunk, type Part } from './generate.ts'
export { formatJson, parseJson } from './json.ts'
export {
  formatManifest,
  MANIFEST,
  manifestOf,
  type Manifest,
  type ManifestFile,
  type ManifestKind,
} from './manifest.ts'
export type { Model, Parameter, ParameterKind, Role } from './model.ts'
export { RECIPES, recipesOf, type NamedRecipe } from './named.ts'
export {
  describe,
  described,
  planModel,
  type Plan,
  type PlannedFile,
  type PlannedTensor,
  type PlanOptions,
} from './plan.ts'
export type { PlannedKind } from './planned.ts'
export { PRESETS } from './presets.ts'
export { applySettings } from './settings.ts'
export type { TensorSlice } from './slices.ts'
export { aRecipe, matches, type Recipe, type Rule } from './recipes.ts'
