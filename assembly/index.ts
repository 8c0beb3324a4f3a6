/** What the module exports: the kernels and the layout of their workspace. */
export * from './workspace'
export { BLOCK, fill, mapDraws } from './fill'
export { JUMP_TABLES, makeJumps } from './jump'
export { multiply } from './matrix'
export {
  dataBytes,
  endStrip,
  makePanel,
  PANEL,
  reflect,
  resultAt,
  scratchBytes,
  startStrip,
  STRIP,
} from './orthogonal'
export { gather, STATS_BYTES, tally16, widen16, widen8, widenBf16 } from './stats'
