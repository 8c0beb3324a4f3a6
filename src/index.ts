/**
 * simdinit: weights from (seed, name, strategy, shape, dtype).
 *
 *   strategies/ -> distributions/ -> engine/      what to fill a tensor with, and how it is filled
 *   rng/, numeric/                                where the values come from
 */

export { SimdinitError, type ErrorCode } from './errors/simdinit-error.ts'
export { STREAM_VERSION, type Seed } from './rng/stream.ts'
export { fromFloat32, toFloat32 } from './numeric/convert-dtype.ts'
export {
  DTYPES,
  type CanonicalDtype,
  type Dtype,
  type DtypeName,
  type TensorData,
  type TypedArrayFor,
} from './numeric/dtypes.ts'

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

export { parseStrategy, type Strategy, type StrategyInput } from './strategies/strategy.ts'
export type { BaseStrategy, BaseStrategyInput } from './strategies/registry.ts'
export {
  constant,
  normal,
  ones,
  truncatedNormal,
  uniform,
  zeros,
  type ConstantStrategy,
  type NormalStrategy,
  type OnesStrategy,
  type TruncatedNormalStrategy,
  type UniformStrategy,
  type ZerosStrategy,
} from './strategies/elementary.ts'
export {
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  varianceScaling,
  xavierNormal,
  xavierTruncatedNormal,
  xavierUniform,
  type FanOptions,
  type ScaledDistribution,
  type VarianceScalingStrategy,
  type VectorFans,
} from './strategies/variance-scaling.ts'
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
  type ArangeStrategy,
  type Arrangement,
  type BilinearStrategy,
  type DiracStrategy,
  type ForgetGateBiasStrategy,
  type FormulaStrategy,
  type GriffinRecurrenceStrategy,
  type IdentityStrategy,
  type LogArangeStrategy,
  type LogOfUniformStrategy,
  type LogUniformStrategy,
  type MambaDtBiasStrategy,
  type SinusoidalStrategy,
  type StftScaling,
  type StftSide,
  type StftStrategy,
  type StftWindow,
} from './strategies/formula-strategies.ts'
export {
  deltaOrthogonal,
  orthogonal,
  sparse,
  type DeltaOrthogonalStrategy,
  type MatrixStrategy,
  type OrthogonalStrategy,
  type SparseStrategy,
} from './strategies/matrix-strategies.ts'
export { zeroRows, type ZeroRowsStrategy } from './strategies/zero-rows.ts'
export {
  deepNormGain,
  depthScaledNormal,
  mupNormal,
  residualNormal,
  smallInitNormal,
  subLayerNormGain,
  tFixupGain,
  wangNormal,
  type DepthOptions,
  type ResidualNormalStrategy,
  type Stack,
} from './strategies/transformer-scaling.ts'
export { gain, type Nonlinearity } from './strategies/gain.ts'
export { computeFans, type FanMode, type Fans } from './strategies/fans.ts'
export type { KernelCenter, Layout } from './strategies/layout.ts'
export { effectiveStd } from './distributions/effective-std.ts'
export { resolveDistribution } from './distributions/resolve-distribution.ts'
export type { Distribution } from './distributions/distribution.ts'

export {
  simulateNetwork,
  type LayerStats,
  type Moments,
  type SimulationOptions,
} from './simulation/simulate-network.ts'
export { type ActivationName } from './simulation/activations.ts'
