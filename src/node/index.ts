/** The commands as functions, for Node. */
export { InputError } from '../models/index.ts'
export { init, planSource, type Estimate, type InitOptions, type InitResult } from './init.ts'
export { rankFrom, type Rank } from './rank.ts'
export { inspect, type InspectOptions, type InspectResult } from './inspect.ts'
export { verify, type VerifyOptions, type VerifyResult } from './verify.ts'
export type { Difference } from './compare.ts'
export type { Kind } from './summary.ts'
export type { Manifest, ManifestFile, ManifestKind } from '../models/index.ts'
