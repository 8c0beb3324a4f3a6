/** What `simdinit inspect` prints: a line for each tensor, with its histogram, and what looks wrong. */

import { brief, describeExpected, describeNearest } from '../inspect/index.ts'
import type { InspectResult } from '../node/index.ts'
import { grouped, table } from './report.ts'

const BLOCKS = ' ▁▂▃▄▅▆▇█'

/** Characters of a histogram; they divide its bins. */
const WIDTH = 20

/** Nothing of a name reaches the terminal but as text. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}

/** A histogram in block characters; what is there at all is seen. */
export function blocks(counts: readonly number[], width = WIDTH): string {
  const each = counts.length / width
  const columns = Array.from({ length: width }, (_, i) =>
    counts.slice(i * each, (i + 1) * each).reduce((sum, count) => sum + count, 0),
  )
  const most = Math.max(1, ...columns)
  return columns.map((count) => BLOCKS[Math.ceil((count / most) * 8)]).join('')
}

export function reportInspect(result: InspectResult): string {
  const { tensors, findings, recipe } = result
  const compared = 'none' in recipe ? undefined : recipe
  const rows = tensors.map((tensor) => {
    const { name, dtype, shape, statistics: s, histogram } = tensor
    const numbers = s
      ? [brief(s.mean), brief(s.std), brief(s.kurtosis), brief(s.min), brief(s.max), grouped(s.zeros)]
      : ['', '', '', '', '', '']
    const words = [describeNearest(tensor), ...(compared ? [describeExpected(tensor)] : [])]
    const bars = histogram ? blocks(histogram.counts) : ''
    return [printable(name), dtype, shape.join(' x '), ...numbers, `|${bars.padEnd(WIDTH)}|`, ...words]
  })
  const head = [
    'tensor',
    'dtype',
    'shape',
    'mean',
    'std',
    'kurtosis',
    'min',
    'max',
    'zeros',
    'values',
    'nearest',
  ]
  return [
    heading(result),
    '',
    table(compared ? [...head, 'as the recipe'] : head, rows),
    '',
    ...sayFindings(findings),
  ].join('\n')
}

/** How much there is, and what it was compared with. */
export function heading({ path, files, tensors, parameters, recipe, seconds }: InspectResult): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const count = files.length === 1 ? '1 file' : `${files.length} files`
  const rate = (bytes / 1e6 / Math.max(seconds, 1e-3)).toFixed(0)
  const against =
    'none' in recipe
      ? `compared with no recipe: ${recipe.none}`
      : `compared with ${typeof recipe.recipe === 'string' ? `recipe ${recipe.recipe}` : 'your recipe'} of ${recipe.architecture}`
  return printable(
    `${path}: ${count}, ${tensors.length} tensors, ${grouped(parameters)} values, ${grouped(bytes)} bytes; ${against} (${seconds.toFixed(2)} s, ${rate} MB/s)`,
  )
}

function sayFindings(findings: InspectResult['findings']): string[] {
  if (findings.length === 0) return ['  nothing looks wrong']
  const count = findings.length === 1 ? '1 thing looks' : `${findings.length} things look`
  return [`  ${count} wrong:`, ...findings.map(({ about, text }) => printable(`  - ${about}: ${text}`))]
}
