/**
 * `simdinit/tfjs`: the initializers of TensorFlow.js, as strategies under its names and conventions, and as initializers
 * for its layers (`registerInitializers`).
 */

export * from '../compat/tfjs.ts'
export {
  registerInitializers,
  type SeedOptions,
  type InitializerFor,
  type Initializers,
  type VarianceScalingOptions,
  type TensorFlow,
} from './register-initializers.ts'
export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
