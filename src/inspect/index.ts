/**
 * `simdinit/inspect`: statistics of safetensors files, whoever wrote them, and what looks wrong. Browser-safe, and it
 * reads a file in pieces, whatever its size. Of a File that a person chose:
 *
 *   const source = blobSource(file)
 *   const { tensors, findings } = await inspectFiles([{ name: file.name, source }])
 *
 * With `{ plan: planModel(config) }` (`simdinit/models`) tensors are compared with what a recipe makes of the model.
 */
export { FormatError, InputError, SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
export { createBlobSource } from './blob-source.ts'
export type { Histogram } from './histogram.ts'
export type { Expectation } from './compare-with-recipe.ts'
export type { Finding, FindingKind } from './findings.ts'
export { inspectFiles, type Inspection, type InspectOptions } from './inspect-files.ts'
export { parseWeightMap } from './expected-names.ts'
export { formatStrategy, type DistributionFit } from './fit-distribution.ts'
export type { Statistics } from './statistics.ts'
export type { Hash } from './scan-tensor.ts'
export type { FileSource, InspectedFile, InspectedTensor, SourceFile } from './inspect-tensors.ts'
export { formatNumber, describeExpected, describeNearest } from './format-report.ts'
