/** The records that an inspection takes and returns: plain objects and arrays, apart from file sources. */

import type { Distribution, SampledDistribution } from '../distributions/distribution.ts'
import type { ByteSource, StoredDtype } from '../safetensors/read-header.ts'
import type { Strategy } from '../strategies/strategy.ts'

/** Random access to the bytes of a file: a Blob (`createBlobSource`), a file on disk, an HTTP server with ranges. */
export interface FileSource extends ByteSource {
  /** True if `read` blocks the calling thread, so that reading ahead gains nothing. Default false. */
  readonly isBlocking?: boolean
  /**
   * Releases the file when nothing more is read for now; a later `read` may open it again.
   *
   * @returns A promise if closing is asynchronous.
   */
  close?(): void | Promise<void>
}

/** One file of a checkpoint. */
export interface SourceFile {
  /** The name in reports and errors. */
  readonly name: string
  /** Where its bytes come from. */
  readonly source: FileSource
}

/** An incremental SHA-256, such as `createHash('sha256')` of node:crypto. */
export interface Hash {
  /**
   * Hashes more bytes.
   *
   * @param bytes The bytes, which the caller may overwrite afterwards.
   * @returns Anything; it is ignored.
   */
  update(bytes: Uint8Array): unknown
  /**
   * Ends the hash.
   *
   * @returns The 32 bytes of the digest.
   */
  digest(): Uint8Array
}

/** Statistics of the values of a tensor. All but the counts cover the finite values, and are NaN if there are none. */
export interface Statistics {
  /** Number of values: all elements of the tensor. */
  readonly count: number
  /** Number of values that are neither NaN nor infinite. */
  readonly finite: number
  /** Arithmetic mean. */
  readonly mean: number
  /** Population standard deviation: the sum of squares is divided by `finite`, not `finite - 1`. */
  readonly std: number
  /** Fourth standardized moment: 3 for a normal, 1.8 for a uniform distribution. NaN for constant values. */
  readonly kurtosis: number
  /** Smallest value. */
  readonly min: number
  /** Largest value. */
  readonly max: number
  /** Number of zeros of either sign. */
  readonly zeros: number
  /** Number of NaNs. */
  readonly nans: number
  /** Number of infinities of either sign. */
  readonly infinities: number
}

/** Counts of values in bins of equal width. Values outside of [low, high] are not counted. */
export interface Histogram {
  /** Lower edge of the first bin. */
  readonly low: number
  /** Upper edge of the last bin. */
  readonly high: number
  /** Number of values in each bin, lowest bin first; 40 bins. */
  readonly counts: readonly number[]
}

/** At most 16 values, each of which may occur often: a mask, an identity matrix, signs, ternary weights. */
export interface DiscreteDistribution {
  /** Tells it from the distributions that are sampled. */
  readonly type: 'discrete'
  /** The distinct values, ascending. */
  readonly values: readonly number[]
  /** How often each of them occurs. */
  readonly counts: readonly number[]
}

/** The closest of the constant, discrete, normal, uniform and truncated normal distributions. */
export interface DistributionFit {
  /** The distribution with its parameters as fitted to the values. */
  readonly distribution: SampledDistribution | DiscreteDistribution
  /** Kolmogorov-Smirnov distance between the values and the distribution, from 0 to 1. */
  readonly distance: number
  /** Whether the distance is at most 0.02, or what a random sample of this size shows. */
  readonly fits: boolean
  /** A common strategy that gives this distribution and standard deviation, if there is one. */
  readonly strategy?: Strategy
}

/** What a recipe expects of a tensor, and whether the tensor matches. */
export interface Expectation {
  /** The strategy of the recipe. */
  readonly strategy: Strategy
  /** What the strategy gives for the tensor's shape. */
  readonly distribution: Distribution
  /** Standard deviation of the distribution. */
  readonly std: number
  /** Whether the tensor matches the recipe. */
  readonly explained: boolean
  /** What differs from the recipe, if anything: the first that was found. */
  readonly departs?: 'shape' | 'values' | 'std' | 'mean'
  /** For `departs` 'std' and 'mean': the difference, in standard errors of a sample. */
  readonly errors?: number
}

/** A tensor of a checkpoint, by name and file. */
export interface TensorReference {
  /** Name of the file. */
  readonly file: string
  /** Name of the tensor. */
  readonly name: string
}

/** A tensor of a checkpoint, and what its values show. */
export interface InspectedTensor {
  /** Name in the file. */
  readonly name: string
  /** Name of the file that holds the tensor. */
  readonly file: string
  /** Dtype as the file spells it: 'F32', 'BF16', ... */
  readonly dtype: StoredDtype
  /** Dimensions; empty for a scalar. */
  readonly shape: readonly number[]
  /** Size of the data, in bytes. */
  readonly bytes: number
  /** Statistics of the values. Absent for complex dtypes, and for dtypes of fewer than 8 bits. */
  readonly statistics?: Statistics
  /** Standard deviation that outliers do not affect: that of a normal with the same quartiles. */
  readonly bulkStd?: number
  /** Histogram of the bulk of the values: at most 5 `bulkStd` to each side of the median. */
  readonly histogram?: Histogram
  /** The closest distribution. Absent for fewer than 32 finite values, unless all are the same. */
  readonly nearest?: DistributionFit
  /** The first tensor with the same dtype and bytes, if that is another one. */
  readonly duplicateOf?: TensorReference
  /** How many times the tensor repeats the same bytes along its first axis: 2, 4 or 8. Absent if it does not. */
  readonly repeats?: number
  /** Comparison with the recipe of a model. Absent without a model, and for tensors that the model lacks. */
  readonly expected?: Expectation
}

/** A file of a checkpoint. */
export interface InspectedFile {
  /** The name of its `SourceFile`. */
  readonly name: string
  /** Size of the file, header included, in bytes. */
  readonly bytes: number
  /** Number of tensors in the file. */
  readonly tensors: number
}

/**
 * The kinds of problems:
 * - `nan`, `infinity`: some values are not finite.
 * - `zeros`, `constant`: all values of a matrix are the same, and the recipe does not say so.
 * - `outliers`: a value is further from the mean than a normal sample of this size reaches.
 * - `duplicate`: several tensors have the same bytes.
 * - `repeats`: a tensor repeats itself along its first axis.
 * - `recipe`: a tensor does not match the recipe of its model.
 * - `names`: the model has a tensor that the files lack, or the reverse; or one name has different values in two files.
 * - `index`: the index and the files disagree.
 */
export type FindingKind =
  | 'nan'
  | 'infinity'
  | 'zeros'
  | 'constant'
  | 'outliers'
  | 'duplicate'
  | 'repeats'
  | 'recipe'
  | 'names'
  | 'index'

/** A likely problem. Tensors whose names differ only in numbers share one finding. */
export interface Finding {
  /** The kind of problem. */
  readonly kind: FindingKind
  /** A tensor's name; for several tensors a pattern with `*` for each number: `h.*.attn.weight`. */
  readonly about: string
  /** Names of the tensors. */
  readonly tensors: readonly string[]
  /** What is wrong, as the predicate of a sentence about `about`: "contains NaN: 3 of 768 values". */
  readonly text: string
}
