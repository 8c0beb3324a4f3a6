/** The result of `inspect` as text: a line per tensor with its histogram, and likely problems. */

import { formatNumber, describeExpected, describeNearest, type InspectedTensor } from '../inspect/index.ts'
import type { InspectResult } from '../node/index.ts'
import { formatInteger } from '../numeric/format-number.ts'
import { escapeControlChars } from './escape.ts'
import { formatTable } from './table.ts'

const BLOCK_CHARS = ' ▁▂▃▄▅▆▇█'

/** Characters of a histogram, a divisor of its number of bins. */
const HISTOGRAM_WIDTH = 20

/** Longer names are cut, since a column is as wide as its longest name. */
const MAX_NAME_CHARS = 200

const COLUMNS = [
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
  'matches recipe',
]

export function reportInspect(result: InspectResult): string {
  const { tensors, findings, recipe } = result
  const columns = 'none' in recipe ? COLUMNS.length - 1 : COLUMNS.length
  const rows = tensors.map((tensor) => createRow(tensor).slice(0, columns))
  return [
    formatHeading(result),
    '',
    formatTable(COLUMNS.slice(0, columns), rows),
    '',
    ...reportFindings(findings),
  ].join('\n')
}

function createRow(tensor: InspectedTensor): string[] {
  const { name, dtype, shape, statistics: s, histogram } = tensor
  const numbers = s
    ? [...[s.mean, s.std, s.kurtosis, s.min, s.max].map(formatNumber), formatInteger(s.zeros)]
    : ['', '', '', '', '', '']
  const bars = histogram ? formatHistogram(histogram.counts) : ''
  return [
    formatName(name),
    dtype,
    shape.join(' x '),
    ...numbers,
    `|${bars.padEnd(HISTOGRAM_WIDTH)}|`,
    describeNearest(tensor),
    describeExpected(tensor),
  ]
}

/** A histogram in block characters. A column that is not empty is visible. */
export function formatHistogram(counts: readonly number[], width = HISTOGRAM_WIDTH): string {
  const binsPerColumn = counts.length / width
  const columns = Array.from({ length: width }, (_, i) =>
    counts.slice(i * binsPerColumn, (i + 1) * binsPerColumn).reduce((sum, count) => sum + count, 0),
  )
  const max = Math.max(1, ...columns)
  return columns.map((count) => BLOCK_CHARS[Math.ceil((count / max) * 8)]).join('')
}

/** Size of the checkpoint, and the recipe it was compared with. */
export function formatHeading({ path, files, tensors, parameters, recipe, seconds }: InspectResult): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const fileCount = files.length === 1 ? '1 file' : `${files.length} files`
  const rate = (bytes / 1e6 / Math.max(seconds, 1e-3)).toFixed(0)
  return escapeControlChars(
    `${path}: ${fileCount}, ${tensors.length} tensors, ${formatInteger(parameters)} values, ${formatInteger(bytes)} bytes; ${describeRecipe(recipe)} (${seconds.toFixed(2)} s, ${rate} MB/s)`,
  )
}

function describeRecipe(recipe: InspectResult['recipe']): string {
  if ('none' in recipe) return `not compared with a recipe: ${recipe.none}`
  const name = typeof recipe.recipe === 'string' ? `recipe ${recipe.recipe}` : 'the custom recipe'
  return `compared with ${name} for ${recipe.architecture}`
}

function reportFindings(findings: InspectResult['findings']): string[] {
  if (findings.length === 0) return ['  no problems found']
  const count = findings.length === 1 ? '1 likely problem' : `${findings.length} likely problems`
  return [
    `  ${count}:`,
    ...findings.map(({ about, text }) => `  - ${formatName(about)}: ${escapeControlChars(text)}`),
  ]
}

function formatName(name: string): string {
  return escapeControlChars(name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS - 3)}...` : name)
}
