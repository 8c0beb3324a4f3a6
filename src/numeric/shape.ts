/** Arithmetic on shapes: products of dimensions, and axes counted from either end. */

/** The product of a list; 1 if it is empty. */
export function product(list: readonly number[]): number {
  return list.reduce((total, n) => total * n, 1)
}

/** The index of an axis, negative ones counted from the last; undefined if the shape has no such axis. */
export function normalizeAxis(axis: number, rank: number): number | undefined {
  const index = axis < 0 ? rank + axis : axis
  return index >= 0 && index < rank ? index : undefined
}
