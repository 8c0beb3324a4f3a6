/** Writes docs/reference/statistics.md and its plots from the results of `npm run test:slow`. */

import { writeFileSync } from 'node:fs'
// @ts-expect-error plain JavaScript, without types
import { formatTable } from '../../../bench/harness.mjs'
import { LAGS, PAIRS, type Finding, type Group, type Sample } from '../../support/sample.ts'
import { renderPanels, type Panel } from './plots.ts'

export interface SampleResult {
  sample: Sample
  findings: Finding[]
}

const DOCS = new URL('../../../docs/reference/', import.meta.url)

export function writeReport(results: readonly SampleResult[]): void {
  const files = {
    'statistics.md': renderPage(results),
    'statistics-density.svg': plotDensities(results),
    'statistics-cdf.svg': plotCdfDifferences(results),
    'statistics-p.svg': plotChunkPValues(results),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, DOCS), text)
}

function renderPage(results: readonly SampleResult[]): string {
  const all = results.flatMap(({ sample, findings }) =>
    findings.map((finding) => ({ ...finding, law: sample.reference.name })),
  )
  const least = all.reduce((a, b) => (b.p < a.p ? b : a))
  const expected = (limit: number) =>
    `${all.filter(({ p }) => p < limit).length} (${(all.length * limit).toFixed(1)})`
  const seen = results.flatMap(({ sample }) =>
    (sample.reference.bias ?? []).map((bias, i) => Math.abs(bias) / sample.momentStandardError(i + 1)),
  )
  return `# Statistics

Made by \`SIMDINIT_DOCS=1 npm run test:slow -- statistics\`: fills through the public API compared with distributions in closed form. The values depend only on seed and name, so every machine gives the same figures. Seeds were fixed in advance and are not changed to make the run pass.

**${all.length} p-values; the smallest is ${formatPValue(least.p)} (${least.law}, ${least.group.toLowerCase()}, ${least.label}).** Among as many fair ones the smallest would be about ${formatPValue(1 / all.length)}; one below 0.000001 fails the run. Below 0.1, 0.01 and 0.001 are ${expected(0.1)}, ${expected(0.01)} and ${expected(0.001)}; the number expected by chance is in parentheses.

Statistics miss most mistakes that a tensor generator can make, such as a repeated block or swapped lanes. The tests of the stream cover those, with [dieharder](dieharder.md) and [the figures of all 2³² draws](stream.md#figures).

## p-values

${formatTable([['law', 'values', ...TABLE_COLUMNS.map(([head]) => head)], ...results.map(formatRow)])}

Moments have order 1 to 4 and are taken about the mean of the distribution. KS is the Kolmogorov–Smirnov statistic, AD the Anderson–Darling statistic, and χ² uses up to 1024 cells of equal probability. For tails, lags (${LAGS[0]} to 16, 8191 to 8193: correlation of neighbours, lanes, steps and blocks) and pairs (64 × 64 cells of values ${PAIRS.join(', ')} apart), the table shows the probability of a smallest p-value as small as the one observed. *Pieces* is a second-level test: it compares the p-values of KS, AD and χ² in ${results[0].sample.chunkPValues.KS.length} or more pieces of 2²⁰ values with the uniform distribution. 16-bit values are compared with the rounded distribution, pattern by pattern, and have no KS and AD of pieces.

## The normal

${formatTable([['', ...results.filter(isNormal).map(({ sample }) => sample.reference.name)], ...formatNormalTable(results.filter(isNormal))])}

Counts beyond multiples of σ, with the expected count and the exact two-sided binomial p-value.

## Error of the map

The map is not an ideal normal. According to the [figures of all its draws](stream.md#figures), its moments deviate by at most ${formatPValue(Math.max(...seen))} of a standard error of this sample, which the comparison takes into account. An f32 has 24 bits of precision, so the edge between two cells may fall within one value. The number of χ² cells is chosen so that the worst-case effect of all edges stays below a quarter of the standard deviation of χ² (${formatPValue(Math.max(...results.map(({ sample }) => sample.computeDiscretizationError(sample.chooseGroupCount()))))} at most). For KS the effect is below ${formatPValue(Math.max(...results.map(({ sample }) => sample.reference.atom * Math.sqrt(sample.size))))} of its scale.

## Histograms

Blue: the values. Grey line: the distribution.

![Histograms and densities](statistics-density.svg)

## Distribution functions

Blue: √n times the difference between the empirical and the exact distribution function, from the smallest value to the largest. Dashed: ±1.36, which one fair sample in twenty exceeds somewhere. The plot ends at ±2.69, where p is one in a million.

![Differences of distribution functions](statistics-cdf.svg)

## p-values of pieces

Blue: the sorted p-values of KS, AD and χ² of the pieces. Grey: the uniform distribution.

![p-values in order](statistics-p.svg)
`
}

const isNormal = ({ sample }: SampleResult) => sample.reference.tails.length > 0

/** Column titles, and the findings that each column shows. */
const TABLE_COLUMNS: [string, Group, string?][] = [
  ['mean', 'moments', 'mean'],
  ['variance', 'moments', 'variance'],
  ['third', 'moments', 'third moment'],
  ['fourth', 'moments', 'fourth moment'],
  ['KS', 'Kolmogorov and Smirnov'],
  ['AD', 'Anderson and Darling'],
  ['χ²', 'chi-square'],
  ['tails', 'tails'],
  ['lags', 'lags'],
  ['pairs', 'pairs'],
  ['pieces KS', 'p-values of pieces', 'of KS'],
  ['pieces AD', 'p-values of pieces', 'of AD'],
  ['pieces χ²', 'p-values of pieces', 'of chi-square'],
]

function formatRow({ sample, findings }: SampleResult): string[] {
  const cells = TABLE_COLUMNS.map(([, group, what]) => {
    const found = findings.filter((f) => f.group === group && (what === undefined || f.label.endsWith(what)))
    if (found.length === 0) return ''
    return formatPValue(1 - (1 - Math.min(...found.map(({ p }) => p))) ** found.length)
  })
  return [sample.reference.name, `2^${Math.log2(sample.size)}`, ...cells]
}

function formatNormalTable(results: readonly SampleResult[]): string[][] {
  const moments = (['mean', 'variance', 'skewness', 'kurtosis'] as const).map((moment) => [
    moment,
    ...results.map(({ sample }) => {
      const value = sample.summarize()[moment]
      return Math.abs(value) < 1e-3 && moment !== 'variance' ? value.toExponential(1) : value.toPrecision(6)
    }),
  ])
  const tails = results[0].sample.countTails().map(({ what }, i) => [
    what,
    ...results.map(({ sample, findings }) => {
      const { count, probability } = sample.countTails()[i]
      const { p } = findings.filter(({ group }) => group === 'tails')[i]
      return `${count} of ${(probability * sample.size).toFixed(1)}, ${formatPValue(p)}`
    }),
  ])
  return [...moments, ...tails]
}

/** Three significant digits. */
function formatPValue(p: number): string {
  return p >= 0.001 ? p.toFixed(3) : p.toPrecision(2)
}

/** Histogram bars, as the density relative to the largest. */
function plotDensities(results: readonly SampleResult[]): string {
  return renderPanels(
    'Values and their law',
    'blue: histogram; grey: density',
    results.map(({ sample }): Panel => {
      const { low, high, name, tails } = sample.reference
      const [from, to] = tails.length > 0 ? [low / 2, high / 2] : [low, high]
      const bars = 64
      const width = (to - from) / bars
      const found = new Float64Array(bars)
      const expected = new Float64Array(bars)
      for (const [i, x] of sample.values.entries()) {
        const bar = Math.floor((x - from) / width)
        if (!(bar >= 0 && bar < bars)) continue
        found[bar] += sample.counts[i] / sample.size
        expected[bar] += sample.probabilities[i]
      }
      const top = Math.max(...expected)
      return {
        title: name,
        x: [from, to],
        y: [0, 1.05 * top],
        curves: [
          {
            kind: 'ours',
            filled: true,
            points: [...found].flatMap((y, i) => [
              [from + i * width, y],
              [from + (i + 1) * width, y],
            ]),
          },
          { kind: 'peer', points: [...expected].map((y, i) => [from + (i + 0.5) * width, y]) },
        ],
      }
    }),
  )
}

function plotCdfDifferences(results: readonly SampleResult[]): string {
  return renderPanels(
    'Distribution functions: values less law',
    'times √n, from the least value to the greatest; dashed: ±1.36, ends: ±2.69',
    results.map(({ sample }): Panel => {
      const excess = sample.computeCdfDifference()
      const points: [number, number][] = [[0, 0]]
      let below = 0
      for (const [i, p] of sample.probabilities.entries()) {
        below += p
        const [last] = points[points.length - 1]
        if (below - last >= 1 / 400) points.push([below, Math.sqrt(sample.size) * excess[i]])
      }
      points.push([1, 0])
      return {
        title: sample.reference.name,
        x: [0, 1],
        y: [-2.69, 2.69],
        curves: [
          ...[-1.36, 0, 1.36].map((y) => ({
            kind: 'peer' as const,
            dashed: y !== 0,
            points: [
              [0, y],
              [1, y],
            ] as [number, number][],
          })),
          { kind: 'ours', points },
        ],
      }
    }),
  )
}

function plotChunkPValues(results: readonly SampleResult[]): string {
  return renderPanels(
    'p-values of pieces, in order',
    'blue: KS, AD and χ² of pieces of 2^20 values; grey: the uniform law',
    results.map(({ sample }): Panel => ({
      title: sample.reference.name,
      x: [0, 1],
      y: [0, 1],
      curves: [
        {
          kind: 'peer',
          points: [
            [0, 0],
            [1, 1],
          ],
        },
        ...Object.values(sample.chunkPValues)
          .filter((list) => list.length > 0)
          .map((list) => ({
            kind: 'ours' as const,
            points: list
              .toSorted((a, b) => a - b)
              .map((p, i): [number, number] => [(i + 0.5) / list.length, p]),
          })),
      ],
    })),
  )
}
