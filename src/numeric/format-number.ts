/** Numbers as text, for reports and messages. Not `Intl`: it would take as long to load as half of the modules here. */

/** Up to `digits` significant digits, without trailing zeros: 0.02, 1e-7. */
export function formatNumber(x: number, digits = 6): string {
  return String(Number(x.toPrecision(digits)))
}

/** A whole number in groups of three digits: 124,439,808. */
export function formatInteger(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')
}
