/** The dtype of each tensor in a checkpoint, and its name in configs. */

import { InputError } from '../errors/simdinit-error.ts'
import { formatValue } from '../errors/validate.ts'
import { findDtype, parseDtype, TORCH_DTYPE_NAMES, type Dtype } from '../numeric/dtypes.ts'
import type { Config } from './model-config.ts'
import type { Parameter } from './model-builder.ts'

/** The two names of the config field for the dtype. */
export const DTYPE_FIELD_NAMES: readonly string[] = ['dtype', 'torch_dtype']

/** The dtypes of matrices and of all other tensors. */
export interface CheckpointDtypes {
  readonly matrices: Dtype
  readonly others: Dtype
}

/**
 * The requested dtype, else the config's, else f32. An 8-bit dtype applies to matrices only: other tensors then have
 * the config's dtype, or bf16 if that is missing or also 8 bits.
 */
export function resolveDtypes(config: Config, requested: unknown): CheckpointDtypes {
  const configured = readConfigDtype(config)
  const matrices = requested === undefined ? (configured ?? 'f32') : parseDtype('dtype', requested)
  if (!is8Bit(matrices)) return { matrices, others: matrices }
  return { matrices, others: configured === undefined || is8Bit(configured) ? 'bf16' : configured }
}

function is8Bit(dtype: Dtype): boolean {
  return dtype === 'f8_e4m3' || dtype === 'f8_e5m2'
}

/** The dtype of one tensor. Some models keep a few tensors in f32. */
export function selectDtype(
  { role, shape, keepInF32For }: Parameter,
  { matrices, others }: CheckpointDtypes,
): Dtype {
  if (keepInF32For.includes(others)) return 'f32'
  return shape.length === 2 && role !== 'other' ? matrices : others
}

function readConfigDtype(config: Config): Dtype | undefined {
  const name = config.optionalString(DTYPE_FIELD_NAMES, true)
  if (name === undefined) return undefined
  const dtype = findDtype(name)
  if (!dtype) {
    const known = Object.values(TORCH_DTYPE_NAMES).join(', ')
    throw new InputError(`config.json: "dtype" must be one of ${known}; received ${formatValue(name)}`)
  }
  return dtype
}
