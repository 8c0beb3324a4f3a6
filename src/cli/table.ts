/** Tables as text. */

type Row = readonly string[]

/** Formats columns as wide as their widest cells; columns of numbers are aligned to the right. */
export function formatTable(head: Row, rows: readonly Row[]): string {
  const widths = head.map((cell) => cell.length)
  const isNumeric = head.map(() => rows.length > 0)
  for (const row of rows) {
    for (const [i, cell] of row.entries()) {
      widths[i] = Math.max(widths[i], cell.length)
      isNumeric[i] &&= /^[\d.,e+-]*$/.test(cell)
    }
  }
  const formatRow = (row: Row) =>
    row
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd()
  return [head, ...rows].map((row) => `  ${formatRow(row)}`).join('\n')
}
