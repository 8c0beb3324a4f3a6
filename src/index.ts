/**
 * simdinit: weights from (seed, name, strategy, shape, dtype).
 *
 *   strategies.ts -> distribution.ts -> maps.ts -> engine/      what to fill, and how it is filled
 *   stream.ts, xoshiro.ts, quantile.ts                          where the values come from
 */

export { type ActivationName } from './simulation/activations.ts'
export { SimdinitError, type ErrorCode } from './errors/simdinit-error.ts'
export { createEngine, type EngineOptions } from './engine/create-engine.ts'
export type { Engine, EngineInfo, Lent } from './engine/engine.ts'
export type { KernelSource } from './engine/kernel-source.ts'
export type { NodeWorkerLike, WebWorkerLike } from './engine/platform.ts'
export type {
  AsyncOptions,
  FillOptions,
  NewTensorOptions,
  Tensor,
  TensorFor,
  TensorOptions,
  TensorRequest,
  TensorsOptions,
} from './engine/tensor.ts'
export type { MatmulSize } from './engine/types.ts'
export type { Slice } from './engine/element-ranges.ts'
export {
  arange,
  bilinear,
  dirac,
  forgetGateBias,
  griffinRecurrence,
  identity,
  logArange,
  logOfUniform,
  logUniform,
  mambaDtBias,
  sinusoidal,
  stft,
  type FormulaStrategy,
} from './strategies/formula-strategies.ts'
export { fromFloat32, toFloat32 } from './numeric/convert-dtype.ts'
export {
  DTYPES,
  type CanonicalDtype,
  type Dtype,
  type DtypeName,
  type TensorData,
  type TypedArrayFor,
} from './numeric/dtypes.ts'
export { resolveDistribution, effectiveStd, type Distribution } from './distributions/distribution.ts'
export { computeFans, type FanMode, type Fans, type Layout } from './strategies/fans.ts'
export {
  deepNormGain,
  depthScaledNormal,
  mupNormal,
  smallInitNormal,
  subLayerNormGain,
  tFixupGain,
  wangNormal,
  type Stack,
} from './strategies/transformer-scaling.ts'
export {
  simulateNetwork,
  type LayerStats,
  type SimulationOptions,
  type Moments,
} from './simulation/simulate-network.ts'
export { STREAM_VERSION, type Seed } from './rng/stream.ts'
export { deltaOrthogonal, orthogonal, sparse, type MatrixStrategy } from './strategies/matrix-strategies.ts'
export {
  parseStrategy,
  constant,
  gain,
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  normal,
  ones,
  residualNormal,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  zeroRows,
  zeros,
  type FanOptions,
  type Nonlinearity,
  type ScaledDistribution,
  type Strategy,
  type VarianceScaling,
} from './strategies/strategy.ts'
