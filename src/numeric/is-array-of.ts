/** Typed arrays of any realm: an iframe and a Node vm context have constructors of their own, which `instanceof` rejects. */

/** Whether a value is a typed array, or a DataView, of this type. */
export function isArrayOf<T extends { readonly name: string; readonly prototype: ArrayBufferView }>(
  type: T,
  value: unknown,
): value is T['prototype'] {
  return ArrayBuffer.isView(value) && (value as Float32Array)[Symbol.toStringTag] === type.name
}
