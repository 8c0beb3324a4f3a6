/** `simdinit/tfjs`: the initialisers of TensorFlow.js, as strategies by its names, and as what its layers take. */

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
