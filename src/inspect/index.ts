/**
 * `simdinit/inspect`: statistics of safetensors files and likely problems, for browsers and every other runtime. Reads a
 * file in pieces, whatever its size. For a File that a user chose:
 *
 *   const source = createBlobSource(file)
 *   const { tensors, findings } = await inspectFiles([{ name: file.name, source }])
 *
 * The option `{ plan: planModel(config) }` (`simdinit/models`) compares the tensors with the recipe of a model.
 */

export { FormatError, InputError, SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
export { createBlobSource } from './blob-source.ts'
export { describeExpected, describeNearest } from './describe.ts'
export { inspectFiles, type Inspection, type InspectFilesOptions } from './inspect-files.ts'
export type {
  DiscreteDistribution,
  DistributionFit,
  Expectation,
  FileSource,
  Finding,
  FindingKind,
  Hash,
  Histogram,
  InspectedFile,
  InspectedTensor,
  SourceFile,
  Statistics,
  TensorReference,
} from './inspection-records.ts'
export { parseWeightMap } from './weight-map.ts'
