/** The part on speed: values per second on this machine, as a bar chart. */

import { useEffect } from 'preact/hooks'
import { Select } from '../controls.tsx'
import { Form, Intro } from '../layout.tsx'
import type { Case } from './cases.ts'
import { StartButton, StatusLine } from '../run-state.tsx'
import { measurement, ROUNDS, run, SIZES, start, state, stop, type Measurement } from './measure-state.ts'
import { t } from './texts.ts'
import './speed.css'

/** A copy of CASES of cases.ts, which would load TensorFlow.js. */
const CASE_NAMES: readonly Case[] = ['threads', 'wasm', 'js', 'tfjs', 'boxMuller']

export default function Speed() {
  useEffect(() => stop, [])
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="stack">
        <Settings />
        {measurement.value && <ResultsTable measured={measurement.value} />}
        <section class="stack words">
          <h3>{t().how}</h3>
          <p>{t().howText}</p>
          <p>{t().fair}</p>
        </section>
      </div>
    </>
  )
}

function Settings() {
  return (
    <Form class="measure" label={t().group}>
      <Select
        label={t().size}
        value={state.size}
        options={SIZES.map((mi) => ({ value: mi, label: t().sizeOf(mi, String(Number(mi) * 4)) }))}
      />
      <StartButton
        run={run}
        start={measurement.value ? t().again : t().measure}
        stop={t().stop}
        onStart={start}
        onStop={stop}
      />
      <StatusLine run={run} text={statusText()} failed={t().failed} />
    </Form>
  )
}

function statusText(): string {
  const status = run.status.value
  if (status === 'running' && measurement.value?.round) {
    return t().running(String(measurement.value.round), String(ROUNDS))
  }
  if (status === 'running') return t().loading
  return status === 'done' ? t().done(String(ROUNDS)) : t()[status]
}

function ResultsTable({ measured }: { measured: Measurement }) {
  const { info, rates } = measured
  const rateOf = (name: Case) => (rates[name] ? median(rates[name]) : undefined)
  const maxRate = Math.max(0, ...CASE_NAMES.map((name) => rateOf(name) ?? 0))
  const baseline = rateOf('tfjs')
  return (
    <>
      <div class="scroll">
        <table class="speeds">
          <caption>{t().caption}</caption>
          <thead>
            <tr>
              <th scope="col">{t().method}</th>
              <th scope="col">
                <span class="unseen">{t().bar}</span>
              </th>
              <th scope="col" class="number">
                {t().rate}
              </th>
              <th scope="col" class="number">
                {t().ratio}
              </th>
              <th scope="col" class="number">
                {t().range}
              </th>
              <th scope="col" class="number">
                {t().first}
              </th>
            </tr>
          </thead>
          <tbody>
            {CASE_NAMES.map((name) => {
              const rate = rateOf(name)
              const first = measured.first[name]
              const list = rates[name] ?? []
              return (
                <tr key={name} data-case={name} data-rate={rate}>
                  <th scope="row">{formatCaseName(name, measured)}</th>
                  <td class="bar">
                    <div
                      class={name === 'tfjs' || name === 'boxMuller' ? 'baseline' : ''}
                      style={{ width: `${rate ? Math.max((100 * rate) / maxRate, 0.5) : 0}%` }}
                    />
                  </td>
                  <td class="number" data-head={t().rate}>
                    {rate ? formatMillions(rate) : info && !first ? t().notHere : ''}
                  </td>
                  <td class="number" data-head={t().ratio}>
                    {rate && baseline ? t().times(formatTwoDigits(rate / baseline)) : ''}
                  </td>
                  <td class="number" data-head={t().range}>
                    {list.length > 0 &&
                      `${formatMillions(Math.min(...list))}–${formatMillions(Math.max(...list))}`}
                  </td>
                  <td class="number" data-head={t().first}>
                    {first !== undefined && t().ms(first.toFixed(first < 10 ? 1 : 0))}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {info && info.threads === 1 && (
        <p>
          {info.backend === 'wasm' ? t().noThreads : t().noWasm} <q lang="en">{info.reason}</q>
        </p>
      )}
    </>
  )
}

function formatCaseName(name: Case, { info, first }: Measurement): string {
  if (name !== 'threads') return t()[name]
  return first.threads !== undefined && info ? t().threads(String(info.threads)) : t().threadsOff
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1]
}

function formatMillions(rate: number): string {
  return formatTwoDigits(rate / 1e6)
}

/** Two significant digits, or all digits before the decimal point. */
function formatTwoDigits(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2)
}
