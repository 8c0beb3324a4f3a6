/** What `simdinit inspect` prints: a line for each tensor, with its histogram, and what looks wrong. */

import { formatStatistic } from '../inspect/describe.ts'
import { describeExpected, describeNearest, type InspectedTensor } from '../inspect/index.ts'
import type { InspectResult } from '../node/index.ts'
import { formatInteger } from '../numeric/format-number.ts'
import { formatTableLines } from './text-report.ts'

const BLOCK_CHARS = ' ▁▂▃▄▅▆▇█'

/** Characters of a histogram; they divide its bins. */
const HISTOGRAM_WIDTH = 20

/** Nothing of a name reaches the terminal but as text. */
export function escapeControlChars(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}

/** A column is as wide as its widest name, which may be of megabytes. */
function formatName(name: string): string {
  return escapeControlChars(name.length > 200 ? `${name.slice(0, 197)}...` : name)
}

/** A histogram in block characters; what is there at all is seen. */
export function formatHistogram(counts: readonly number[], width = HISTOGRAM_WIDTH): string {
  const each = counts.length / width
  const columns = Array.from({ length: width }, (_, i) =>
    counts.slice(i * each, (i + 1) * each).reduce((sum, count) => sum + count, 0),
  )
  const most = Math.max(1, ...columns)
  return columns.map((count) => BLOCK_CHARS[Math.ceil((count / most) * 8)]).join('')
}

const COLUMN_NAMES = [
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
  'as the recipe',
]

export function* reportInspect(result: InspectResult): Generator<string> {
  const { tensors, findings, recipe } = result
  const columns = 'none' in recipe ? COLUMN_NAMES.length - 1 : COLUMN_NAMES.length
  function* rows() {
    for (const tensor of tensors) yield formatRow(tensor).slice(0, columns)
  }
  yield formatHeading(result)
  yield ''
  yield* formatTableLines(COLUMN_NAMES.slice(0, columns), rows)
  yield ''
  yield* formatFindings(findings)
}

function formatRow(tensor: InspectedTensor): string[] {
  const { name, dtype, shape, statistics: s, histogram } = tensor
  const numbers = s
    ? [
        formatStatistic(s.mean),
        formatStatistic(s.std),
        formatStatistic(s.kurtosis),
        formatStatistic(s.min),
        formatStatistic(s.max),
        formatInteger(s.zeros),
      ]
    : ['', '', '', '', '', '']
  const bars = histogram ? formatHistogram(histogram.counts) : ''
  const words = [describeNearest(tensor), describeExpected(tensor)]
  return [
    formatName(name),
    dtype,
    shape.join(' x '),
    ...numbers,
    `|${bars.padEnd(HISTOGRAM_WIDTH)}|`,
    ...words,
  ]
}

/** How much there is, and what it was compared with. */
export function formatHeading({ path, files, tensors, parameters, recipe, seconds }: InspectResult): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const count = files.length === 1 ? '1 file' : `${files.length} files`
  const rate = (bytes / 1e6 / Math.max(seconds, 1e-3)).toFixed(0)
  const against =
    'none' in recipe
      ? `compared with no recipe: ${recipe.none}`
      : `compared with ${typeof recipe.recipe === 'string' ? `recipe ${recipe.recipe}` : 'your recipe'} of ${recipe.architecture}`
  return escapeControlChars(
    `${path}: ${count}, ${tensors.length} tensors, ${formatInteger(parameters)} values, ${formatInteger(bytes)} bytes; ${against} (${seconds.toFixed(2)} s, ${rate} MB/s)`,
  )
}

function formatFindings(findings: InspectResult['findings']): string[] {
  if (findings.length === 0) return ['  nothing looks wrong']
  const count = findings.length === 1 ? '1 thing looks' : `${findings.length} things look`
  return [
    `  ${count} wrong:`,
    ...findings.map(({ about, text }) => `  - ${formatName(about)}: ${escapeControlChars(text)}`),
  ]
}
