/**
 * Orthogonal matrices with the uniform (Haar) distribution: products of random reflections (Stewart, "The efficient
 * generation of random orthogonal matrices", 1980), in panels of the compact form I - V T V' (Schreiber and Van Loan,
 * 1989). This takes half the arithmetic of the QR factorization of a normal matrix and has the same distribution.
 *
 * Q is ROWS x COLUMNS, with rows >= columns. There are two phases, whose steps can run in any order on any thread:
 *
 *   1. `makePanel` for every 32 reflections
 *   2. for every strip of 64 columns: `initStrip`, `applyPanel` from its last panel to the first, `storeStrip`
 *
 * No sum crosses a strip, so the number of threads changes no bit.
 *
 * The workspace holds the job of standard normals. At DATA_ADDRESS, one after the other:
 *
 *   the signs of the columns, an f32 each
 *   the panels: -T, 32 x 32; then V, 32 wide, from the row of the panel's first reflection on. Each panel has room for
 *   all rows; the rows that a later panel does not need are never touched
 *   the result: Q or its transpose, times GAIN
 */

import { fill } from './fill'
import { matmulAdd } from './matrix'
import { COLUMNS, DATA_ADDRESS, GAIN, ROWS, TRANSPOSED } from './workspace'

/** Reflections in a panel. The values depend on it. */
export const PANEL_WIDTH: u32 = 32
/** Columns in a strip. A strip of 2048 rows stays in the second-level cache. */
export const STRIP_WIDTH: u32 = 64

/** Bytes of a row of V or T, of a T, of a row of a strip, and of a product (32 rows of a strip). */
const PANEL_ROW_BYTES: usize = 32 << 2
const PANEL_T_BYTES: usize = 32 * PANEL_ROW_BYTES
const STRIP_ROW_BYTES: usize = 64 << 2
const PRODUCT_BYTES: usize = 32 * STRIP_ROW_BYTES

/** Bytes at DATA_ADDRESS for a matrix of this size. */
export function dataBytes(rows: f64, columns: f64): f64 {
  const panels = ceil(columns / <f64>PANEL_WIDTH)
  return (
    panels * (<f64>PANEL_ROW_BYTES + <f64>PANEL_T_BYTES + (rows + 3) * <f64>PANEL_ROW_BYTES) +
    4 * rows * columns
  )
}

/** Bytes of scratch memory of a thread. */
export function scratchBytes(rows: f64): f64 {
  return (rows + 3) * <f64>STRIP_ROW_BYTES + 2 * <f64>PRODUCT_BYTES
}

/** The address of the result. */
export function resultAddress(work: usize): usize {
  return panelAddress(work, countPanels(work))
}

function countPanels(work: usize): u32 {
  return (load<u32>(work, COLUMNS) + PANEL_WIDTH - 1) / PANEL_WIDTH
}

function panelAddress(work: usize, panel: u32): usize {
  const panelBytes = PANEL_T_BYTES + <usize>padToTile(load<u32>(work, ROWS)) * PANEL_ROW_BYTES
  return (
    <usize>load<u32>(work, DATA_ADDRESS) +
    <usize>countPanels(work) * PANEL_ROW_BYTES +
    <usize>panel * panelBytes
  )
}

/** Rows, rounded up to whole tiles of `matmulAdd`. */
function padToTile(rows: u32): u32 {
  return (rows + 3) & ~3
}

/** Draws the reflections of a panel, I - tau v v' with v = 1 at its own row and 0 above it, and computes their T. */
export function makePanel(work: usize, scratch: usize, panel: u32): void {
  const rows = load<u32>(work, ROWS)
  const first = panel * PANEL_WIDTH
  const count = min(PANEL_WIDTH, load<u32>(work, COLUMNS) - first)
  const height = padToTile(rows - first)
  const t = panelAddress(work, panel)
  const v = t + PANEL_T_BYTES
  const signs = <usize>load<u32>(work, DATA_ADDRESS) + <usize>panel * PANEL_ROW_BYTES
  memory.fill(signs, 0, PANEL_ROW_BYTES)
  memory.fill(t, 0, PANEL_T_BYTES + <usize>height * PANEL_ROW_BYTES)
  for (let a: u32 = 0; a < count; a++) {
    const k = first + a
    fill(work, scratch, <f64>k * <f64>rows + <f64>k, rows - k)
    let to = diagonalAddress(v, a)
    for (let from = scratch, end = scratch + ((<usize>(rows - k)) << 2); from < end; from += 4) {
      store<f32>(to, load<f32>(from))
      to += PANEL_ROW_BYTES
    }
  }

  const sums = scratch
  const pivots = sums + ((<usize>PANEL_WIDTH) << 3)
  const products = pivots + PANEL_ROW_BYTES
  sumColumnSquares(v, height, sums)
  for (let a: u32 = 0; a < PANEL_WIDTH; a++) {
    const x = load<f32>(diagonalAddress(v, a))
    const sign: f32 = x < 0 ? -1 : 1
    let pivot: f32 = 0
    if (first + a == rows - 1) {
      store<f32>(diagonalAddress(v, a), 0) // the last row has no reflection, only a sign
      store<f32>(signs + ((<usize>a) << 2), sign)
    } else if (a < count) {
      pivot = <f32>(<f64>x + <f64>sign * sqrt(load<f64>(sums + ((<usize>a) << 3))))
      store<f32>(signs + ((<usize>a) << 2), -sign)
    }
    store<f32>(pivots + ((<usize>a) << 2), pivot == 0 ? 1 : pivot)
    if (pivot != 0) store<f32>(diagonalAddress(v, a), pivot)
  }
  for (let at = v, end = v + <usize>height * PANEL_ROW_BYTES; at < end; at += PANEL_ROW_BYTES) {
    for (let a: usize = 0; a < PANEL_ROW_BYTES; a += 16) {
      v128.store(at + a, f32x4.div(v128.load(at + a), v128.load(pivots + a)))
    }
  }

  sumColumnSquares(v, height, sums)
  memory.fill(products, 0, PANEL_T_BYTES)
  matmulAdd(
    v,
    v,
    products,
    PANEL_WIDTH,
    PANEL_WIDTH,
    height,
    4,
    PANEL_ROW_BYTES,
    PANEL_ROW_BYTES,
    PANEL_ROW_BYTES,
  )
  for (let j: usize = 0; j < PANEL_WIDTH; j++) {
    const square = load<f64>(sums + (j << 3))
    if (square > 0) computeTColumn(t, products, j, 2 / square)
  }
}

/** Column `j` of -T: T(j, j) = tau, and above it -tau T V'v. */
function computeTColumn(t: usize, products: usize, j: usize, tau: f64): void {
  for (let i: usize = 0; i < j; i++) {
    let sum: f64 = 0
    for (let l = i; l < j; l++) {
      const row = t + i * PANEL_ROW_BYTES
      sum += <f64>load<f32>(row + (l << 2)) * <f64>load<f32>(products + l * PANEL_ROW_BYTES + (j << 2))
    }
    store<f32>(t + i * PANEL_ROW_BYTES + (j << 2), <f32>(-tau * sum))
  }
  store<f32>(diagonalAddress(t, <u32>j), <f32>-tau)
}

/** Element (a, a) of a matrix as wide as a panel. */
function diagonalAddress(matrix: usize, a: u32): usize {
  return matrix + <usize>a * (PANEL_ROW_BYTES + 4)
}

/** The sums of squares of 32 columns in f64, each from the first row to the last. */
function sumColumnSquares(from: usize, rows: u32, sums: usize): void {
  memory.fill(sums, 0, (<usize>PANEL_WIDTH) << 3)
  for (; rows > 0; rows--) {
    for (let to = sums, end = sums + ((<usize>PANEL_WIDTH) << 3); to < end; to += 32) {
      const x = v128.load(from)
      addSquares(x, to)
      addSquares(v128.shuffle<f32>(x, x, 2, 3, 0, 1), to + 16)
      from += 16
    }
  }
}

function addSquares(x: v128, to: usize): void {
  const y = f64x2.promote_low_f32x4(x)
  v128.store(to, f64x2.add(v128.load(to), f64x2.mul(y, y)))
}

/** Sets a strip to its columns of the identity, with their signs. */
export function initStrip(work: usize, scratch: usize, strip: u32): void {
  const rows = load<u32>(work, ROWS)
  const columns = load<u32>(work, COLUMNS)
  const first = strip * STRIP_WIDTH
  const signs = <usize>load<u32>(work, DATA_ADDRESS)
  memory.fill(scratch, 0, <usize>padToTile(rows) * STRIP_ROW_BYTES)
  for (let k = first, end = min(columns, first + STRIP_WIDTH); k < end; k++) {
    const to = scratch + <usize>k * STRIP_ROW_BYTES + ((<usize>(k - first)) << 2)
    store<f32>(to, load<f32>(signs + ((<usize>k) << 2)))
  }
}

/** Applies the reflections of a panel to a strip. They do not change the rows and columns before the panel's first. */
export function applyPanel(work: usize, scratch: usize, strip: u32, panel: u32): void {
  const rows = load<u32>(work, ROWS)
  const row = panel * PANEL_WIDTH
  const column = max(row, strip * STRIP_WIDTH) - strip * STRIP_WIDTH
  const height = padToTile(rows - row)
  const width = STRIP_WIDTH - column
  const t = panelAddress(work, panel)
  const v = t + PANEL_T_BYTES
  const q = scratch + <usize>row * STRIP_ROW_BYTES + ((<usize>column) << 2)
  const product = scratch + <usize>padToTile(rows) * STRIP_ROW_BYTES
  const scaled = product + PRODUCT_BYTES
  memory.fill(product, 0, PRODUCT_BYTES << 1)
  matmulAdd(v, q, product, PANEL_WIDTH, width, height, 4, PANEL_ROW_BYTES, STRIP_ROW_BYTES, STRIP_ROW_BYTES)
  matmulAdd(
    t,
    product,
    scaled,
    PANEL_WIDTH,
    width,
    PANEL_WIDTH,
    PANEL_ROW_BYTES,
    4,
    STRIP_ROW_BYTES,
    STRIP_ROW_BYTES,
  )
  matmulAdd(v, scaled, q, height, width, PANEL_WIDTH, PANEL_ROW_BYTES, 4, STRIP_ROW_BYTES, STRIP_ROW_BYTES)
}

/** Stores a finished strip in the result, clamped to [-1, 1] and times GAIN. */
export function storeStrip(work: usize, scratch: usize, strip: u32): void {
  const rows = load<u32>(work, ROWS)
  const columns = load<u32>(work, COLUMNS)
  const gain = load<f32>(work, GAIN)
  const first = strip * STRIP_WIDTH
  const width = min(STRIP_WIDTH, columns - first)
  let rowStride = (<usize>columns) << 2
  let columnStride: usize = 4
  if (load<u32>(work, TRANSPOSED)) {
    rowStride = 4
    columnStride = (<usize>rows) << 2
  }
  let result = resultAddress(work) + <usize>first * columnStride
  for (let row: u32 = 0; row < rows; row++) {
    let from = scratch + <usize>row * STRIP_ROW_BYTES
    let to = result
    for (let end = from + ((<usize>width) << 2); from < end; from += 4) {
      store<f32>(to, min<f32>(max<f32>(load<f32>(from), -1), 1) * gain)
      to += columnStride
    }
    result += rowStride
  }
}
