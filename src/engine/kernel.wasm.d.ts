/**
 * `simdinit/kernel.wasm` is the compiled kernels, for `createEngine({ wasm })`. This is what importing it gives in
 * runtimes that compile modules ahead (workerd); a bundler's `?url` and the like have types of their own.
 */
declare const kernels: WebAssembly.Module
export default kernels
