/** The report of an inspection as one self-contained HTML file: no scripts, fonts or requests. */

import { formatStatistic } from '../inspect/describe.ts'
import { describeExpected, describeNearest, type InspectedTensor } from '../inspect/index.ts'
import type { InspectResult } from '../node/index.ts'
import { formatInteger } from '../numeric/format-number.ts'
import { escapeControlChars } from './escape.ts'
import { formatHeading } from './inspect-report.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e8eb); --page: light-dark(#fff, #16181c);
  --line: light-dark(#d8dce1, #363b42); --bar: light-dark(#2f6fb3, #6aa9e8); --problem: light-dark(#a4210f, #ff9b8a) }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto;
  max-width: 90rem; padding: 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap }
td.number, th.number { text-align: right }
thead th { position: sticky; top: 0; background: var(--page) }
code { font: 13px ui-monospace, monospace }
svg { display: block; fill: var(--bar) }
.problem { color: var(--problem) }
li { margin: .2rem 0; overflow-wrap: anywhere }
`

const HISTOGRAM_HEIGHT = 32
const BAR_WIDTH = 4

/** Text that is safe in HTML content and attributes. */
export function escapeHtml(text: string): string {
  return escapeControlChars(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Yields the page in pieces: with many tensors it would exceed the maximum length of a string. */
export function* renderHtmlReport(result: InspectResult): Generator<string> {
  const { path, tensors, findings } = result
  const flagged = new Set(findings.flatMap(({ tensors }) => tensors))
  const problems = findings.map(
    ({ about, text }) => `<li><code>${escapeHtml(about)}</code> ${escapeHtml(text)}</li>`,
  )
  const numberColumns = ['mean', 'std', 'kurtosis', 'min', 'max', 'zeros', 'NaN, infinite']
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Inspection of ${escapeHtml(path)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(path)}</h1>
<p>${escapeHtml(formatHeading(result))}</p>
<h2>Likely problems</h2>
${problems.length > 0 ? `<ul class="problem">\n${problems.join('\n')}\n</ul>` : '<p>No problems found.</p>'}
<h2>Tensors</h2>
<div class="wide">
<table>
<thead><tr><th>tensor</th><th>dtype</th><th>shape</th><th>values</th>${numberColumns
    .map((name) => `<th class="number">${name}</th>`)
    .join('')}<th>nearest</th><th>matches recipe</th></tr></thead>
<tbody>
`
  for (const tensor of tensors) yield `${renderRow(tensor, flagged.has(tensor.name))}\n`
  yield `</tbody>
</table>
</div>
</body>
</html>
`
}

function renderRow(tensor: InspectedTensor, isFlagged: boolean): string {
  const { name, dtype, shape, statistics: s } = tensor
  const numbers = s
    ? [
        ...[s.mean, s.std, s.kurtosis, s.min, s.max].map(formatStatistic),
        formatInteger(s.zeros),
        formatInteger(s.nans + s.infinities),
      ]
    : ['', '', '', '', '', '', '']
  const cells = numbers.map((text) => `<td class="number">${text}</td>`).join('')
  const descriptions = [describeNearest(tensor), describeExpected(tensor)].map(
    (text) => `<td>${escapeHtml(text)}</td>`,
  )
  return (
    `<tr${isFlagged ? ' class="problem"' : ''}><td><code>${escapeHtml(name)}</code></td><td>${dtype}</td>` +
    `<td>${shape.join(' × ')}</td><td>${renderHistogram(tensor)}</td>${cells}${descriptions.join('')}</tr>`
  )
}

/** The histogram as an image, whose label and tooltip give its range. */
function renderHistogram({ histogram }: InspectedTensor): string {
  if (!histogram) return ''
  const { low, high, counts } = histogram
  const highest = Math.max(1, ...counts)
  const bars = counts.map((count, i) => {
    const height = (count / highest) * HISTOGRAM_HEIGHT
    const top = (HISTOGRAM_HEIGHT - height).toFixed(1)
    return count === 0
      ? ''
      : `M${i * BAR_WIDTH} ${HISTOGRAM_HEIGHT}V${top}h${BAR_WIDTH - 1}V${HISTOGRAM_HEIGHT}z`
  })
  const title = `histogram from ${formatStatistic(low)} to ${formatStatistic(high)}`
  const size = `width="${counts.length * BAR_WIDTH}" height="${HISTOGRAM_HEIGHT}"`
  return `<svg role="img" aria-label="${title}" ${size}><title>${title}</title><path d="${bars.join('')}"/></svg>`
}
