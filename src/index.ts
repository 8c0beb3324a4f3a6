/**
 * simdinit: weights from (seed, name, strategy, shape, dtype).
 *
 *   strategies.ts -> distribution.ts -> maps.ts -> engine/      what to fill, and how it is filled
 *   stream.ts, xoshiro.ts, quantile.ts                          where the values come from
 */

export { type ActivationName } from './activations.ts'
export { createEngine, type EngineOptions, type KernelSource } from './engine/create.ts'
export type { AsyncOptions, Engine, EngineInfo, Lent } from './engine/engine.ts'
export type {
  FillOptions,
  NewTensorOptions,
  Tensor,
  TensorOptions,
  TensorRequest,
} from './engine/requests.ts'
export type { Slice } from './engine/slices.ts'
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
  type ComputedStrategy,
} from './computed/strategies.ts'
export { DTYPES, type DataOf, type Dtype, type TensorData } from './dtypes.ts'
export { distributionOf, realisedStd, type Distribution } from './distribution.ts'
export { fansOf, type FanMode, type Fans, type Layout } from './fans.ts'
export {
  deepNormGain,
  depthNormal,
  muNormal,
  smallInitNormal,
  subLayerNormGain,
  tFixupGain,
  wangNormal,
  type Part,
} from './llm.ts'
export { simulateForward, type LayerSpread, type SimulationOptions, type Spread } from './simulate.ts'
export { STREAM_VERSION, type Seed } from './stream.ts'
export { deltaOrthogonal, orthogonal, sparse, type StructuredStrategy } from './structured/strategies.ts'
export {
  aStrategy,
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
} from './strategies.ts'
