/** The lines that `simdinit inspect` prints: a table of the tensors with their histograms, then the likely problems. */

import { describeExpected, describeNearest, type InspectedTensor } from '../inspect/index.ts'
import { formatStatistic } from '../inspect/describe.ts'
import type { InspectResult } from '../node/index.ts'
import { formatInteger } from '../numeric/format-number.ts'
import { formatTable } from './table.ts'

const BAR_CHARACTERS = ' ▁▂▃▄▅▆▇█'

/** Characters of a histogram; a divisor of its number of bins. */
const HISTOGRAM_WIDTH = 20

/** A table column is as wide as its longest name, and a file may contain names of megabytes. */
const MAX_NAME_LENGTH = 200

function formatName(name: string): string {
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 3)}...` : name
}

/** A histogram in block characters. A column that is not empty has a visible bar. */
export function formatHistogram(counts: readonly number[], width = HISTOGRAM_WIDTH): string {
  const binsPerColumn = counts.length / width
  const columns = Array.from({ length: width }, (_, i) =>
    counts.slice(i * binsPerColumn, (i + 1) * binsPerColumn).reduce((sum, count) => sum + count, 0),
  )
  const highest = Math.max(1, ...columns)
  return columns.map((count) => BAR_CHARACTERS[Math.ceil((count / highest) * 8)]).join('')
}

const RECIPE_COLUMN = 'matches recipe'
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
  RECIPE_COLUMN,
]

export function reportInspect(result: InspectResult): string[] {
  const { tensors, findings, recipe } = result
  const columnCount = COLUMNS.length - ('none' in recipe ? 1 : 0)
  const rows = tensors.map((tensor) => formatRow(tensor).slice(0, columnCount))
  const table = formatTable(COLUMNS.slice(0, columnCount), rows)
  return [formatHeading(result), '', ...table, '', ...formatFindings(findings)]
}

/** One cell for each of `COLUMNS`. */
function formatRow(tensor: InspectedTensor): string[] {
  const { name, dtype, shape, statistics: s, histogram } = tensor
  const numbers = s
    ? [...[s.mean, s.std, s.kurtosis, s.min, s.max].map(formatStatistic), formatInteger(s.zeros)]
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

/** The size of the checkpoint, and the recipe that it was compared with. */
export function formatHeading({ path, files, tensors, parameters, recipe, seconds }: InspectResult): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const size = [
    files.length === 1 ? '1 file' : `${files.length} files`,
    `${tensors.length} tensors`,
    `${formatInteger(parameters)} values`,
    `${formatInteger(bytes)} bytes`,
  ].join(', ')
  const rate = (bytes / 1e6 / Math.max(seconds, 1e-3)).toFixed(0)
  const duration = `${seconds.toFixed(2)} s, ${rate} MB/s`
  return `${path}: ${size}; ${formatComparison(recipe)} (${duration})`
}

function formatComparison(recipe: InspectResult['recipe']): string {
  if ('none' in recipe) return `not compared with a recipe: ${recipe.none}`
  const name = typeof recipe.recipe === 'string' ? `recipe ${recipe.recipe}` : 'a custom recipe'
  return `compared with ${name} for ${recipe.architecture}`
}

function formatFindings(findings: InspectResult['findings']): string[] {
  if (findings.length === 0) return ['  no problems found']
  return [
    `  ${findings.length} likely problem${findings.length === 1 ? '' : 's'}:`,
    ...findings.map(({ about, text }) => `  - ${formatName(about)} ${text}`),
  ]
}
