/** Statistics of safetensors files, and what looks wrong in them. Browser-safe. */
export { findingsOf, patternOf, type Finding, type FindingKind } from './findings.ts'
export { inspectFiles, type InspectedFile, type InspectedTensor, type Inspection } from './inspect.ts'
export { nameOf, type Nearest } from './nearest.ts'
export { JsPasses } from './js.ts'
export type { Passes } from './passes.ts'
export type { Statistics } from './statistics.ts'
export { WasmPasses } from './wasm.ts'
