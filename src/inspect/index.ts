/**
 * `simdinit/inspect`: statistics of safetensors files, whoever wrote them, and what looks wrong. Browser-safe, and it
 * reads a file in pieces, whatever its size. Of a File that a person chose:
 *
 *   const source = blobSource(file)
 *   const { tensors, findings } = await inspectFiles([{ name: file.name, source }])
 *
 * With `{ plan: planModel(config) }` (`simdinit/models`) tensors are compared with what a recipe makes of the model.
 */
export { blobSource } from './blob.ts'
export type { Histogram } from './cells.ts'
export type { Expectation } from './expected.ts'
export type { Finding, FindingKind } from './findings.ts'
export { inspectFiles, type Inspection, type InspectOptions } from './inspect.ts'
export { homesOf } from './names.ts'
export { nameOf, type Nearest } from './nearest.ts'
export type { Statistics } from './statistics.ts'
export type { Hash } from './look.ts'
export type { FileSource, InspectedFile, InspectedTensor, SourceFile } from './tensors.ts'
export { brief, describeExpected, describeNearest } from './words.ts'
