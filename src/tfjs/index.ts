/** `simdinit/tfjs`: the initialisers of TensorFlow.js, as strategies by its names, and as what its layers take. */

export * from '../dialects/tfjs.ts'
export {
  register,
  type Drawn,
  type InitializerOf,
  type Initializers,
  type Scaling,
  type TensorFlow,
} from './register.ts'
