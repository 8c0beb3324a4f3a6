/**
 * Orthogonal matrices, uniform (Haar) on all of them: the product of random reflections (Stewart, "The efficient
 * generation of random orthogonal matrices", 1980), in panels of the compact form I - V T V' (Schreiber and Van Loan,
 * 1989). Half the arithmetic of the QR factorisation of a normal matrix, and the same law.
 *
 * Q is ROWS x COLUMNS, rows >= columns. There are two phases, the steps of each in any order on any thread: first
 * `makePanel` for every 32 reflections; then for every strip of 64 columns `startStrip`, `reflect` by the panels from
 * its last to the first, `endStrip`. No sum crosses a strip, so threads change no bit.
 *
 * The workspace holds the job of standard normals. At DATA lie
 *
 *   the signs of the columns, an f32 each
 *   the panels: -T, 32 x 32, and V from the row of the panel's first reflection on, 32 wide (the rows that a
 *   panel has fewer than the first are never touched)
 *   the result: Q or its transpose, times GAIN
 */

import { fill } from './fill'
import { multiply } from './matrix'
import { COLUMNS, DATA, GAIN, ROWS, TRANSPOSED } from './workspace'

/** Reflections in a panel. Influences the values. */
export const PANEL: u32 = 32
/** Columns in a strip: with 2048 rows one stays in a second-level cache. */
export const STRIP: u32 = 64

/** Bytes: a row of V or T, a T, a row of a strip, and a product as high as a panel is wide. */
const PANEL_ROW: usize = 32 << 2
const SQUARE: usize = 32 * PANEL_ROW
const STRIP_ROW: usize = 64 << 2
const PRODUCT: usize = 32 * STRIP_ROW

/** Bytes at DATA for a matrix of such a size. */
export function dataBytes(rows: f64, columns: f64): f64 {
  const panels = ceil(columns / <f64>PANEL)
  return panels * (<f64>PANEL_ROW + <f64>SQUARE + (rows + 3) * <f64>PANEL_ROW) + 4 * rows * columns
}

/** Bytes of the scratch memory of a thread. */
export function scratchBytes(rows: f64): f64 {
  return (rows + 3) * <f64>STRIP_ROW + 2 * <f64>PRODUCT
}

/** Where the result lies. */
export function resultAt(work: usize): usize {
  return panelAt(work, panels(work))
}

function panels(work: usize): u32 {
  return (load<u32>(work, COLUMNS) + PANEL - 1) / PANEL
}

function panelAt(work: usize, panel: u32): usize {
  const whole = SQUARE + <usize>padded(load<u32>(work, ROWS)) * PANEL_ROW
  return <usize>load<u32>(work, DATA) + <usize>panels(work) * PANEL_ROW + <usize>panel * whole
}

/** Rows, up to whole tiles of `multiply`. */
function padded(rows: u32): u32 {
  return (rows + 3) & ~3
}

/** Draws the reflections of a panel, I - tau v v' with v = 1 at its own row and 0 above it, and makes their T. */
export function makePanel(work: usize, scratch: usize, panel: u32): void {
  const rows = load<u32>(work, ROWS)
  const first = panel * PANEL
  const count = min(PANEL, load<u32>(work, COLUMNS) - first)
  const height = padded(rows - first)
  const t = panelAt(work, panel)
  const v = t + SQUARE
  const signs = <usize>load<u32>(work, DATA) + <usize>panel * PANEL_ROW
  memory.fill(signs, 0, PANEL_ROW)
  memory.fill(t, 0, SQUARE + <usize>height * PANEL_ROW)
  for (let a: u32 = 0; a < count; a++) {
    const k = first + a
    fill(work, scratch, <f64>k * <f64>rows + <f64>k, rows - k)
    let to = diagonal(v, a)
    for (let from = scratch, end = scratch + ((<usize>(rows - k)) << 2); from < end; from += 4) {
      store<f32>(to, load<f32>(from))
      to += PANEL_ROW
    }
  }

  const sums = scratch
  const pivots = sums + ((<usize>PANEL) << 3)
  const products = pivots + PANEL_ROW
  sumSquares(v, height, sums)
  for (let a: u32 = 0; a < PANEL; a++) {
    const x = load<f32>(diagonal(v, a))
    const sign: f32 = x < 0 ? -1 : 1
    let pivot: f32 = 0
    if (first + a == rows - 1) {
      store<f32>(diagonal(v, a), 0) // the last row has no reflection of its own, but a sign
      store<f32>(signs + ((<usize>a) << 2), sign)
    } else if (a < count) {
      pivot = <f32>(<f64>x + <f64>sign * sqrt(load<f64>(sums + ((<usize>a) << 3))))
      store<f32>(signs + ((<usize>a) << 2), -sign)
    }
    store<f32>(pivots + ((<usize>a) << 2), pivot == 0 ? 1 : pivot)
    if (pivot != 0) store<f32>(diagonal(v, a), pivot)
  }
  for (let at = v, end = v + <usize>height * PANEL_ROW; at < end; at += PANEL_ROW) {
    for (let a: usize = 0; a < PANEL_ROW; a += 16) {
      v128.store(at + a, f32x4.div(v128.load(at + a), v128.load(pivots + a)))
    }
  }

  sumSquares(v, height, sums)
  memory.fill(products, 0, SQUARE)
  multiply(v, v, products, PANEL, PANEL, height, 4, PANEL_ROW, PANEL_ROW, PANEL_ROW)
  for (let j: usize = 0; j < PANEL; j++) {
    const square = load<f64>(sums + (j << 3))
    if (square > 0) column(t, products, j, 2 / square)
  }
}

/** Column `j` of -T: T(j, j) = tau, and above it -tau T V'v. */
function column(t: usize, products: usize, j: usize, tau: f64): void {
  for (let i: usize = 0; i < j; i++) {
    let sum: f64 = 0
    for (let l = i; l < j; l++) {
      const row = t + i * PANEL_ROW
      sum += <f64>load<f32>(row + (l << 2)) * <f64>load<f32>(products + l * PANEL_ROW + (j << 2))
    }
    store<f32>(t + i * PANEL_ROW + (j << 2), <f32>(-tau * sum))
  }
  store<f32>(diagonal(t, <u32>j), <f32>-tau)
}

/** Element (a, a) of a matrix as wide as a panel. */
function diagonal(matrix: usize, a: u32): usize {
  return matrix + <usize>a * (PANEL_ROW + 4)
}

/** The sums of squares of 32 columns in f64, each from the first row to the last. */
function sumSquares(from: usize, rows: u32, sums: usize): void {
  memory.fill(sums, 0, (<usize>PANEL) << 3)
  for (; rows > 0; rows--) {
    for (let to = sums, end = sums + ((<usize>PANEL) << 3); to < end; to += 32) {
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

/** Sets a strip to its columns of the identity, signed. */
export function startStrip(work: usize, scratch: usize, strip: u32): void {
  const rows = load<u32>(work, ROWS)
  const columns = load<u32>(work, COLUMNS)
  const first = strip * STRIP
  const signs = <usize>load<u32>(work, DATA)
  memory.fill(scratch, 0, <usize>padded(rows) * STRIP_ROW)
  for (let k = first, end = min(columns, first + STRIP); k < end; k++) {
    const to = scratch + <usize>k * STRIP_ROW + ((<usize>(k - first)) << 2)
    store<f32>(to, load<f32>(signs + ((<usize>k) << 2)))
  }
}

/** Applies the reflections of a panel to a strip: rows and columns before its first are not changed by them. */
export function reflect(work: usize, scratch: usize, strip: u32, panel: u32): void {
  const rows = load<u32>(work, ROWS)
  const row = panel * PANEL
  const column = max(row, strip * STRIP) - strip * STRIP
  const height = padded(rows - row)
  const width = STRIP - column
  const t = panelAt(work, panel)
  const v = t + SQUARE
  const q = scratch + <usize>row * STRIP_ROW + ((<usize>column) << 2)
  const product = scratch + <usize>padded(rows) * STRIP_ROW
  const turned = product + PRODUCT
  memory.fill(product, 0, PRODUCT << 1)
  multiply(v, q, product, PANEL, width, height, 4, PANEL_ROW, STRIP_ROW, STRIP_ROW)
  multiply(t, product, turned, PANEL, width, PANEL, PANEL_ROW, 4, STRIP_ROW, STRIP_ROW)
  multiply(v, turned, q, height, width, PANEL, PANEL_ROW, 4, STRIP_ROW, STRIP_ROW)
}

/** Puts a finished strip where it belongs in the result. */
export function endStrip(work: usize, scratch: usize, strip: u32): void {
  const rows = load<u32>(work, ROWS)
  const columns = load<u32>(work, COLUMNS)
  const gain = load<f32>(work, GAIN)
  const first = strip * STRIP
  const width = min(STRIP, columns - first)
  let down = (<usize>columns) << 2
  let along: usize = 4
  if (load<u32>(work, TRANSPOSED)) {
    down = 4
    along = (<usize>rows) << 2
  }
  let result = resultAt(work) + <usize>first * along
  for (let row: u32 = 0; row < rows; row++) {
    let from = scratch + <usize>row * STRIP_ROW
    let to = result
    for (let end = from + ((<usize>width) << 2); from < end; from += 4) {
      store<f32>(to, min<f32>(max<f32>(load<f32>(from), -1), 1) * gain)
      to += along
    }
    result += down
  }
}
