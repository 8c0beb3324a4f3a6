/** docs/reference/statistics.md and its plots: what a run of `npm run test:slow` found. */

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

Made by \`SIMDINIT_DOCS=1 npm run test:slow -- statistics\`: whole fills through the public API against laws in closed form. The values depend on seed and name alone, so the same figures come out on any machine. Seeds were fixed before looking and are not changed to pass.

**${all.length} p-values; the least is ${formatPValue(least.p)} (${least.law}, ${least.group.toLowerCase()}, ${least.label}).** Of so many fair ones the least would be about ${formatPValue(1 / all.length)}; one below 0.000001 fails the run. Below 0.1, 0.01 and 0.001 are ${expected(0.1)}, ${expected(0.01)} and ${expected(0.001)}; in brackets what chance gives.

Statistics miss most mistakes that a generator of tensors can have (a block twice, a lane swapped). For those see the tests of the stream, [dieharder.md](dieharder.md), and all 2³² draws through the maps in [stream.md](stream.md#figures).

## p-values

${formatTable([['law', 'values', ...TABLE_COLUMNS.map(([head]) => head)], ...results.map(formatRow)])}

Moments are of order 1 to 4 about the mean of the law. KS is the statistic of Kolmogorov and Smirnov, AD that of Anderson and Darling, χ² of up to 1024 cells of equal probability. For tails, lags (${LAGS[0]} to 16, 8191 to 8193: correlation of neighbours, lanes, steps and blocks) and pairs (64 × 64 cells of values ${PAIRS.join(', ')} apart) the least p-value of so many is shown, as likely as so little is among them. *Pieces* are second-level: the p-values that KS, AD and χ² have in ${results[0].sample.chunkPValues.KS.length} or more pieces of 2²⁰ values, against the uniform law. Values of 16 bits are compared with the law after rounding, pattern by pattern; they have no KS and AD of pieces.

## The normal

${formatTable([['', ...results.filter(isNormal).map(({ sample }) => sample.reference.name)], ...formatNormalTable(results.filter(isNormal))])}

Counts beyond multiples of σ, with what is expected and the exact binomial p-value of both sides.

## What the map adds

The map is no ideal normal: by the [figures of all its draws](stream.md#figures) its moments are off by ${formatPValue(Math.max(...seen))} of a standard error of this sample at most, which the comparison takes into account. An f32 holds no more than 24 bits, so that an edge between two cells may lie within one value; χ² has as few cells as keep what that can add, all edges at their worst, below a quarter of its standard deviation (${formatPValue(Math.max(...results.map(({ sample }) => sample.computeDiscretizationError(sample.chooseGroupCount()))))} at most). In KS it is below ${formatPValue(Math.max(...results.map(({ sample }) => sample.reference.atom * Math.sqrt(sample.size))))} of its scale.

## Histograms

Blue: the values. Grey line: the law.

![Histograms and densities](statistics-density.svg)

## Distribution functions

Blue: √n times what the distribution function of the values exceeds that of the law by, from the least value to the greatest. Dashed: ±1.36, which one fair sample in twenty leaves somewhere. The plot ends at ±2.69, where p is one in a million.

![Differences of distribution functions](statistics-cdf.svg)

## p-values of pieces

Blue: the p-values of KS, AD and χ² of pieces in order. Grey: the uniform law.

![p-values in order](statistics-p.svg)
`
}

const isNormal = ({ sample }: SampleResult) => sample.reference.tails.length > 0

/** Heads, and which findings stand below them. */
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

/** Three digits. */
function formatPValue(p: number): string {
  return p >= 0.001 ? p.toFixed(3) : p.toPrecision(2)
}

/** Columns of a histogram, as the density relative to the greatest. */
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
