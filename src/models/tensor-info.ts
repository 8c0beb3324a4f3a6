/** The tensors of a plan, as listed in reports. */

import type { Distribution } from '../distributions/distribution.ts'
import { effectiveStd } from '../distributions/effective-std.ts'
import type { Dtype } from '../numeric/dtypes.ts'
import { computeReportFans } from '../strategies/fans.ts'
import type { Strategy } from '../strategies/strategy.ts'
import type { Plan } from './plan.ts'
import { getFullShape, type TensorSlice } from './tensor-slices.ts'

/** A planned tensor in a report; `simdinit init --dry-run --json` prints these records. */
export interface TensorInfo {
  /** The name in the checkpoint, such as `model.layers.0.mlp.up_proj.weight`. */
  readonly name: string
  /** The stored shape: that of the slice, if the tensor is one. */
  readonly shape: readonly number[]
  /** The stored dtype. */
  readonly dtype: Dtype
  /** The strategy, with every field set that the model decides. */
  readonly strategy: Strategy
  /** What the strategy resolves to for this shape. */
  readonly distribution: Distribution
  /** Standard deviation of the values, 0 for constants. */
  readonly std: number
  /** Inputs per output unit; null for tensors of fewer than two dimensions. */
  readonly fanIn: number | null
  /** Outputs per input unit; null for tensors of fewer than two dimensions. */
  readonly fanOut: number | null
  /** Name of the file that holds the tensor. */
  readonly file: string
  /** Size of its data in bytes. */
  readonly bytes: number
  /** Which part of the parameter it is, if not all of it. */
  readonly slice?: TensorSlice
}

/**
 * Lists the tensors of a plan with their distributions, standard deviations and fans, in the order of the files.
 * @param plan From `planModel`.
 * @returns One record for each tensor.
 * @throws Never.
 * @example
 * import { listTensorInfo, planModel, PRESETS } from 'simdinit/models'
 *
 * const tensors = listTensorInfo(planModel(PRESETS.gpt2.config))
 * console.log(tensors.length) // 148
 */
export function listTensorInfo(plan: Plan): TensorInfo[] {
  return plan.files.flatMap(({ name: file, tensors }) =>
    tensors.map(({ name, shape, slice, dtype, strategy, distribution, layout, begin, end }) => ({
      name,
      shape,
      dtype,
      strategy,
      distribution,
      std: effectiveStd(distribution),
      ...computeReportFans(getFullShape({ shape, slice }), layout),
      file,
      bytes: end - begin,
      ...(slice && { slice }),
    })),
  )
}
