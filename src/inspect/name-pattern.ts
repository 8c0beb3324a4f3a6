/** Patterns that group the names of tensors. */

/** The name with `*` for each dotted part that is a number: `h.*.attn.weight` for `h.0.attn.weight`. */
export function toNamePattern(name: string): string {
  return name.replace(/(?<=^|\.)\d+(?=\.|$)/g, '*')
}
