/**
 * `simdinit/random`: random numbers for simulations, from xoshiro256++ (`src/rng/xoshiro.ts`), without networks or
 * WebAssembly. Values depend on the seed and the calls, and are the same on every engine and machine: all arithmetic is
 * IEEE + - * / and square root. `docs/guides/random.md` is the guide and defines the values.
 */

export { SimdinitError, type ErrorCode } from '../errors/simdinit-error.ts'
export type { Seed } from '../rng/stream.ts'
export { Random, type ExponentialOptions, type NormalOptions, type UniformOptions } from './random.ts'
export type { Floats, Integers } from './output-transforms.ts'
