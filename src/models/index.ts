/** From a config to a plan, and from a plan to bytes. Browser-safe. */
export { InputError } from './config.ts'
export { FAMILIES } from './families.ts'
export type { Family, Parameter } from './family.ts'
export { chunksOf, CHUNK_BYTES, engineMemory, lendBuffers, type Chunk, type Part } from './generate.ts'
export {
  describe,
  planModel,
  type Plan,
  type PlannedFile,
  type PlannedTensor,
  type PlanOptions,
} from './plan.ts'
export { PRESETS } from './presets.ts'
export type { TensorSlice } from './slices.ts'
export { aRecipe, matches, RECIPES, type Recipe, type Rule } from './recipes.ts'
