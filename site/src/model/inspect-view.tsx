/** The inspection of a file: its size, likely problems, and each tensor with its histogram. */

import type { InspectionRow, InspectionSummary } from './inspect.worker.ts'
import { filter, firstRow, closeInspection, inspection, rowPage } from './inspect-state.ts'
import { ProgressBar, PagedTable, ProblemMessage } from './components.tsx'
import { t } from './texts.ts'
import { formatNumber, formatCount, formatBytes } from './format-numbers.ts'

export function InspectionView() {
  const now = inspection.value
  if (!now) return null
  const [name] = now.names
  const title = now.names.length > 1 ? t().several(name, formatCount(now.names.length)) : name
  return (
    <section class="inspected stack" aria-label={t().inspected} data-step={now.step}>
      <div class="bar-of-title">
        <h3>{now.step === 'running' ? t().inspecting(title) : title}</h3>
        <button type="button" class="quiet" onClick={closeInspection}>
          {now.step === 'running' ? t().cancel : t().close}
        </button>
      </div>
      {now.step === 'running' && <ProgressBar label={t().inspecting(title)} progress={now.progress} />}
      {now.step === 'failed' && <ProblemMessage problem={now.problem} />}
      {now.step === 'done' && <InspectionDetails summary={now.found} />}
    </section>
  )
}

function InspectionDetails({ summary }: { summary: InspectionSummary }) {
  const { comparison } = summary
  const bytes = summary.files.reduce((sum, file) => sum + file.bytes, 0)
  return (
    <>
      <p role="status">
        {t().inspectionSummary(
          formatCount(summary.tensors),
          formatCount(summary.parameters),
          formatBytes(bytes),
        )}
        ;{' '}
        {'none' in comparison ? (
          <>
            {t().notCompared} <q lang="en">{comparison.none}</q>
          </>
        ) : (
          t().comparedWith(comparison.architecture, comparison.recipe)
        )}
      </p>
      <Findings summary={summary} />
      {summary.tensors > 0 && <InspectedTensorTable compared={'architecture' in comparison} />}
    </>
  )
}

function Findings({ summary: { findings, totalFindings } }: { summary: InspectionSummary }) {
  if (totalFindings === 0) return <p class="good">{t().noFindings}</p>
  return (
    <div>
      <h4>{t().findingCount(formatCount(totalFindings))}</h4>
      <ul class="findings" tabIndex={0} aria-label={t().findingCount(formatCount(totalFindings))}>
        {findings.map(({ kind, about, text }) => (
          <li key={`${kind} ${about}`} class="wrong" data-kind={kind} lang="en">
            <code>{about}</code> {text}
          </li>
        ))}
        {totalFindings > findings.length && (
          <li>{t().andMore(formatCount(totalFindings - findings.length))}</li>
        )}
      </ul>
    </div>
  )
}

function InspectedTensorTable({ compared }: { compared: boolean }) {
  const head = (
    <>
      <th scope="col">{t().tensor}</th>
      <th scope="col">{t().dtypeHead}</th>
      <th scope="col">{t().shape}</th>
      <th scope="col">{t().histogram}</th>
      {[t().mean, t().std, t().min, t().max].map((name) => (
        <th scope="col" class="number" key={name}>
          {name}
        </th>
      ))}
      <th scope="col">{t().nearest}</th>
      {compared && <th scope="col">{t().expected}</th>}
    </>
  )
  return (
    <PagedTable
      title={t().inspectedTable}
      head={head}
      total={rowPage.value.total}
      filter={filter}
      firstRow={firstRow}
    >
      {rowPage.value.rows.map((row, i) => (
        <tr key={`${i} ${row.name}`} class={row.hasFinding ? 'marked' : ''}>
          <th scope="row">
            <code>{row.name}</code>
          </th>
          <td>{row.dtype}</td>
          <td>{row.shape}</td>
          <td>
            <Histogram row={row} />
          </td>
          {[row.statistics.mean, row.statistics.std, row.statistics.min, row.statistics.max].map((x, i) => (
            <td class="number" key={i}>
              {formatNumber(x)}
            </td>
          ))}
          <td lang="en">{row.nearest}</td>
          {compared && <td lang="en">{row.expected}</td>}
        </tr>
      ))}
    </PagedTable>
  )
}

const HISTOGRAM_HEIGHT = 28
const BIN_WIDTH = 3

function Histogram({ row: { histogram } }: { row: InspectionRow }) {
  if (!histogram) return null
  const { low, high, counts } = histogram
  const most = Math.max(1, ...counts)
  const bars = counts.map((n, i) => {
    const top = (HISTOGRAM_HEIGHT * (1 - n / most)).toFixed(1)
    return n === 0
      ? ''
      : `M${i * BIN_WIDTH} ${HISTOGRAM_HEIGHT}V${top}h${BIN_WIDTH - 0.5}V${HISTOGRAM_HEIGHT}z`
  })
  return (
    <svg
      class="histogram"
      role="img"
      aria-label={t().histogramOf(formatNumber(low), formatNumber(high))}
      width={counts.length * BIN_WIDTH}
      height={HISTOGRAM_HEIGHT}
    >
      <path d={bars.join('')} />
    </svg>
  )
}
