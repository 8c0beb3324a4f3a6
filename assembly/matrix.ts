/**
 * Products of f32 matrices, row-major. Each sum starts from the element of C and runs over the inner index in order; each
 * product and each sum is rounded. So the bits do not depend on how the work is divided.
 *
 * Tiles of four rows and eight columns stay in registers. With 16 vector operations for 6 loads the arithmetic units
 * are the bottleneck, so there is no cache blocking: the operands of the callers fit the second-level cache.
 */

/**
 * C += A B, where C has `rows` (a multiple of 4) and `columns` (a multiple of 8). Strides are in bytes: from row to row
 * of A, B and C, and along the inner index of A, which can thus be transposed.
 */
export function matmulAdd(
  a: usize,
  b: usize,
  c: usize,
  rows: u32,
  columns: u32,
  inner: u32,
  aRow: usize,
  aInner: usize,
  bRow: usize,
  cRow: usize,
): void {
  for (let row: u32 = 0; row < rows; row += 4) {
    for (let column: usize = 0; column < columns; column += 8) {
      matmulTile(a, b + (column << 2), c + (column << 2), inner, aRow, aInner, bRow, cRow)
    }
    a += aRow << 2
    c += cRow << 2
  }
}

function matmulTile(
  a0: usize,
  b: usize,
  c0: usize,
  inner: u32,
  aRow: usize,
  aInner: usize,
  bRow: usize,
  cRow: usize,
): void {
  let a1 = a0 + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  const c1 = c0 + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s0 = v128.load(c0)
  let t0 = v128.load(c0, 16)
  let s1 = v128.load(c1)
  let t1 = v128.load(c1, 16)
  let s2 = v128.load(c2)
  let t2 = v128.load(c2, 16)
  let s3 = v128.load(c3)
  let t3 = v128.load(c3, 16)
  for (; inner > 0; inner--) {
    const x = v128.load(b)
    const y = v128.load(b, 16)
    let w = v128.load32_splat(a0)
    s0 = f32x4.add(s0, f32x4.mul(w, x))
    t0 = f32x4.add(t0, f32x4.mul(w, y))
    w = v128.load32_splat(a1)
    s1 = f32x4.add(s1, f32x4.mul(w, x))
    t1 = f32x4.add(t1, f32x4.mul(w, y))
    w = v128.load32_splat(a2)
    s2 = f32x4.add(s2, f32x4.mul(w, x))
    t2 = f32x4.add(t2, f32x4.mul(w, y))
    w = v128.load32_splat(a3)
    s3 = f32x4.add(s3, f32x4.mul(w, x))
    t3 = f32x4.add(t3, f32x4.mul(w, y))
    b += bRow
    a0 += aInner
    a1 += aInner
    a2 += aInner
    a3 += aInner
  }
  v128.store(c0, s0)
  v128.store(c0, t0, 16)
  v128.store(c1, s1)
  v128.store(c1, t1, 16)
  v128.store(c2, s2)
  v128.store(c2, t2, 16)
  v128.store(c3, s3)
  v128.store(c3, t3, 16)
}
