/** Tables as text. */

import { escapeControlChars } from './escape.ts'

type Row = readonly string[]

/** The lines of a table. Columns are as wide as their widest cells; those of numbers are aligned to the right. */
export function formatTable(head: Row, texts: readonly Row[]): string[] {
  const rows = texts.map((row) => row.map(escapeControlChars)) // an escape is wider
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
  return [head, ...rows].map((row) => `  ${formatRow(row)}`)
}
