/** The exports of the module: the kernels and the layout of their workspace. */
export * from './workspace'
export { BLOCK_SIZE, fill, applyTransform } from './fill'
export { JUMP_TABLES_BYTES, buildJumpTables } from './jump'
export { matmulAdd } from './matrix'
export {
  dataBytes,
  storeStrip,
  makePanel,
  PANEL_WIDTH,
  applyPanel,
  resultAddress,
  scratchBytes,
  initStrip,
  STRIP_WIDTH,
} from './orthogonal'
export { accumulateStats, STATS_BYTES, countPatterns16, widen16, widen8, widenBf16 } from './stats'
