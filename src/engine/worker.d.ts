/** `simdinit/worker` is a module to start with `new Worker`, for `createEngine({ worker })`. It exports nothing. */
// oxlint-disable-next-line unicorn/require-module-specifiers -- it makes this file a module
export {}
