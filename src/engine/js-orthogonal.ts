/**
 * Orthogonal matrices in plain JavaScript: the same panels and strips as in assembly/orthogonal.ts, with the same
 * roundings. A strip has 64 columns of Q; any other width gives the same bits.
 */

import type { OrthogonalSpec } from '../distributions/matrix-plan.ts'
import { compileTransform } from '../distributions/transform.ts'
import type { Backend, MatrixTask } from './types.ts'

const round = Math.fround

/** Reflections in a panel. The values depend on it. */
const PANEL_WIDTH = 32
const STRIP_WIDTH = 64

/** -T and V of 32 reflections, V from the row of the first on, and the signs of their columns. */
interface Panel {
  readonly t: Float32Array
  readonly v: Float32Array
  readonly signs: Float32Array
}

/** The standard normals of the key come from a backend. */
export function createOrthogonalTask(
  backend: Pick<Backend, 'fill'>,
  key: Uint32Array,
  spec: OrthogonalSpec,
): MatrixTask {
  const { rows, columns } = spec
  const transform = compileTransform({ type: 'normal', mean: 0, std: 1 }, 'f32')
  const drawNormals = (first: number, count: number) => {
    const target = new Float32Array(count)
    backend.fill({ job: { key, transform, dtype: 'f32' }, target, targetOffset: 0, first, count })
    return target
  }
  const panels: Panel[] = []
  const values = new Float32Array(rows * columns)
  return {
    phases: [Math.ceil(columns / PANEL_WIDTH), Math.ceil(columns / STRIP_WIDTH)],
    *runStep(phase, index) {
      if (phase === 0) {
        panels[index] = makePanel(spec, index * PANEL_WIDTH, drawNormals)
        yield rows * PANEL_WIDTH
      } else yield* makeStrip(spec, index * STRIP_WIDTH, panels, values)
    },
    values,
    release() {},
  }
}

/** Reflections I - tau v v' with v = 1 at their own row, counted from `first`, and 0 above it. */
function makePanel(
  { rows, columns }: OrthogonalSpec,
  first: number,
  drawNormals: (first: number, count: number) => Float32Array,
): Panel {
  const height = rows - first
  const v = new Float32Array(height * PANEL_WIDTH)
  const t = new Float32Array(PANEL_WIDTH * PANEL_WIDTH)
  const signs = new Float32Array(PANEL_WIDTH)
  const tau = new Float64Array(PANEL_WIDTH)
  for (let a = 0; a < PANEL_WIDTH && first + a < columns; a++) {
    const k = first + a
    const x = drawNormals(k * rows + k, rows - k)
    const sign = x[0] < 0 ? -1 : 1
    if (k === rows - 1) {
      signs[a] = sign // the last row has no reflection, only a sign
      continue
    }
    signs[a] = -sign
    const pivot = round(x[0] + sign * Math.sqrt(sumSquares(x)))
    if (pivot === 0) continue
    for (let j = 0; j < x.length; j++) x[j] = x[j] / pivot
    x[0] = 1
    tau[a] = 2 / sumSquares(x)
    for (let j = 0; j < x.length; j++) v[(a + j) * PANEL_WIDTH + a] = x[j]
  }
  const products = new Float32Array(PANEL_WIDTH * PANEL_WIDTH)
  addTransposedProduct(products, v, v, height, PANEL_WIDTH)
  for (let j = 0; j < PANEL_WIDTH; j++) {
    for (let i = 0; i < j; i++) {
      let sum = 0
      for (let l = i; l < j; l++) sum += t[i * PANEL_WIDTH + l] * products[l * PANEL_WIDTH + j]
      t[i * PANEL_WIDTH + j] = -tau[j] * sum
    }
    t[j * PANEL_WIDTH + j] = -tau[j]
  }
  return { t, v, signs }
}

/** Columns of Q from `first` on: signed columns of the identity, reflected by the panels from the last to the first. */
function* makeStrip(
  { rows, columns, transposed, gain }: OrthogonalSpec,
  first: number,
  panels: readonly Panel[],
  values: Float32Array,
): Iterable<number> {
  const width = Math.min(STRIP_WIDTH, columns - first)
  const strip = new Float32Array(rows * width)
  for (let c = 0; c < width; c++) {
    const k = first + c
    strip[k * width + c] = panels[Math.floor(k / PANEL_WIDTH)].signs[k % PANEL_WIDTH]
  }
  for (let panel = Math.ceil((first + width) / PANEL_WIDTH) - 1; panel >= 0; panel--) {
    const { t, v } = panels[panel]
    const firstRow = panel * PANEL_WIDTH
    const q = strip.subarray(firstRow * width)
    const product = new Float32Array(PANEL_WIDTH * width)
    const reflected = new Float32Array(PANEL_WIDTH * width)
    addTransposedProduct(product, v, q, rows - firstRow, width)
    addProduct(reflected, t, product, PANEL_WIDTH, width)
    addProduct(q, v, reflected, rows - firstRow, width)
    yield (rows - firstRow) * PANEL_WIDTH
  }
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) {
      const index = transposed ? (first + c) * rows + row : row * columns + first + c
      values[index] = Math.min(Math.max(strip[row * width + c], -1), 1) * gain
    }
  }
}

/** The sum in f64, from the first element to the last. */
function sumSquares(x: Float32Array): number {
  let sum = 0
  for (const value of x) sum += value * value
  return sum
}

/** C += A' B: A is `inner` x PANEL_WIDTH, B is `inner` x `width`. Each sum runs in the order of the rows. */
function addTransposedProduct(
  c: Float32Array,
  a: Float32Array,
  b: Float32Array,
  inner: number,
  width: number,
): void {
  for (let k = 0; k < inner; k++) {
    for (let i = 0; i < PANEL_WIDTH; i++) addScaled(c, i * width, a[k * PANEL_WIDTH + i], b, k * width, width)
  }
}

/** C += A B: A is `rows` x PANEL_WIDTH, B is PANEL_WIDTH x `width`. */
function addProduct(c: Float32Array, a: Float32Array, b: Float32Array, rows: number, width: number): void {
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < PANEL_WIDTH; k++) addScaled(c, i * width, a[i * PANEL_WIDTH + k], b, k * width, width)
  }
}

/** c += factor b, along a row; the product and the sum are each rounded. */
function addScaled(
  c: Float32Array,
  cOffset: number,
  factor: number,
  b: Float32Array,
  bOffset: number,
  width: number,
): void {
  for (let j = 0; j < width; j++) c[cOffset + j] += round(factor * b[bOffset + j])
}
