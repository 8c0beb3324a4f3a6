/** `simdinit/node`: the commands `init`, `verify` and `inspect` as functions, for Node, Deno and Bun. */

export { FormatError, InputError, SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
export { init, type InitResult } from './init.ts'
export { planSource, type InitOptions, type InitStart } from './resolve-init.ts'
export { detectRank, type Rank } from './rank.ts'
export { inspect, type InspectOptions, type InspectResult } from './inspect-path.ts'
export { verify, type VerifyOptions, type VerifyResult } from './verify.ts'
export type { Mismatch } from './compare-regenerated.ts'
export type { TensorGroup } from './init-summary.ts'
export type { Manifest, ManifestFile, ManifestTensor } from '../models/index.ts'
