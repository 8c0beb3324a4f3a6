/** What is in a file: how much, what looks wrong, and each tensor with its histogram. */

import type { FoundRow, Found } from './inspector.ts'
import { filter, first, forget, looking, rows } from './looking.ts'
import { Bar, List, Trouble } from './parts.tsx'
import { t } from './texts.ts'
import { brief, count, size } from './words.ts'

export function Inspected() {
  const now = looking.value
  if (!now) return null
  const [name] = now.names
  const title = now.names.length > 1 ? t().several(name, count(now.names.length)) : name
  return (
    <section class="inspected stack" aria-label={t().inspected} data-step={now.step}>
      <div class="bar-of-title">
        <h3>{now.step === 'running' ? t().inspecting(title) : title}</h3>
        <button type="button" class="quiet" onClick={forget}>
          {now.step === 'running' ? t().cancel : t().close}
        </button>
      </div>
      {now.step === 'running' && <Bar label={t().inspecting(title)} progress={now.progress} />}
      {now.step === 'failed' && <Trouble problem={now.problem} />}
      {now.step === 'done' && <Result found={now.found} />}
    </section>
  )
}

function Result({ found }: { found: Found }) {
  const { compared } = found
  const bytes = found.files.reduce((sum, file) => sum + file.bytes, 0)
  return (
    <>
      <p role="status">
        {t().foundLine(count(found.tensors), count(found.parameters), size(bytes))};{' '}
        {'none' in compared ? (
          <>
            {t().comparedNot} <q lang="en">{compared.none}</q>
          </>
        ) : (
          t().comparedWith(compared.architecture, compared.recipe)
        )}
      </p>
      <Findings found={found} />
      {found.tensors > 0 && <Tensors compared={'architecture' in compared} />}
    </>
  )
}

function Findings({ found: { findings, foundInAll } }: { found: Found }) {
  if (foundInAll === 0) return <p class="good">{t().nothingWrong}</p>
  return (
    <div>
      <h4>{t().looksWrong(count(foundInAll))}</h4>
      <ul class="findings" tabIndex={0} aria-label={t().looksWrong(count(foundInAll))}>
        {findings.map(({ kind, about, text }) => (
          <li key={`${kind} ${about}`} class="wrong" data-kind={kind} lang="en">
            <code>{about}</code>: {text}
          </li>
        ))}
        {foundInAll > findings.length && <li>{t().andMore(count(foundInAll - findings.length))}</li>}
      </ul>
    </div>
  )
}

function Tensors({ compared }: { compared: boolean }) {
  const head = (
    <>
      <th scope="col">{t().tensor}</th>
      <th scope="col">{t().dtypeHead}</th>
      <th scope="col">{t().shape}</th>
      <th scope="col">{t().histogram}</th>
      {[t().mean, t().std, t().least, t().most].map((name) => (
        <th scope="col" class="number" key={name}>
          {name}
        </th>
      ))}
      <th scope="col">{t().nearest}</th>
      {compared && <th scope="col">{t().expected}</th>}
    </>
  )
  return (
    <List title={t().inspectedTable} head={head} total={rows.value.total} filter={filter} first={first}>
      {rows.value.rows.map((row, i) => (
        <tr key={`${i} ${row.name}`} class={row.wrong ? 'marked' : ''}>
          <th scope="row">
            <code>{row.name}</code>
          </th>
          <td>{row.dtype}</td>
          <td>{row.shape}</td>
          <td>
            <Histogram row={row} />
          </td>
          {[row.numbers.mean, row.numbers.std, row.numbers.min, row.numbers.max].map((x, i) => (
            <td class="number" key={i}>
              {brief(x)}
            </td>
          ))}
          <td lang="en">{row.nearest}</td>
          {compared && <td lang="en">{row.expected}</td>}
        </tr>
      ))}
    </List>
  )
}

const HEIGHT = 28
const BIN = 3

function Histogram({ row: { histogram } }: { row: FoundRow }) {
  if (!histogram) return null
  const { low, high, counts } = histogram
  const most = Math.max(1, ...counts)
  const bars = counts.map((n, i) => {
    const top = (HEIGHT * (1 - n / most)).toFixed(1)
    return n === 0 ? '' : `M${i * BIN} ${HEIGHT}V${top}h${BIN - 0.5}V${HEIGHT}z`
  })
  return (
    <svg
      class="histogram"
      role="img"
      aria-label={t().histogramOf(brief(low), brief(high))}
      width={counts.length * BIN}
      height={HEIGHT}
    >
      <path d={bars.join('')} />
    </svg>
  )
}
