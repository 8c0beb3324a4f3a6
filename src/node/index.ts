/** The commands as functions, for Node. */
export { FormatError, InputError, SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
export { init, planSource, type Estimate, type InitOptions, type InitResult } from './init.ts'
export { detectRank, type Rank } from './rank.ts'
export { inspect, type InspectOptions, type InspectResult } from './inspect-path.ts'
export { verify, type VerifyOptions, type VerifyResult } from './verify.ts'
export type { Mismatch } from './compare.ts'
export type { TensorGroup } from './init-summary.ts'
export type { Manifest, ManifestFile, ManifestTensor } from '../models/index.ts'
