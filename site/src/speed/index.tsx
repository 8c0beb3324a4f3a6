/** The part "how fast": bars of values a second, on the machine of whoever looks. */

import { useEffect } from 'preact/hooks'
import { Select } from '../controls.tsx'
import { Form, Intro } from '../page.tsx'
import type { Case } from './cases.ts'
import { StartButton, StatusLine } from '../running.tsx'
import { measured, ROUNDS, run, SIZES, start, state, stop, type Measured } from './run.ts'
import { t } from './texts.ts'
import './speed.css'

/** As in cases.ts, which the page is not to load TensorFlow.js for. */
const NAMES: readonly Case[] = ['threads', 'wasm', 'js', 'tfjs', 'boxMuller']

export default function Speed() {
  useEffect(() => stop, [])
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="stack">
        <Settings />
        {measured.value && <Bars measured={measured.value} />}
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
        of={run}
        start={measured.value ? t().again : t().measure}
        stop={t().stop}
        onStart={start}
        onStop={stop}
      />
      <StatusLine of={run} text={statusText()} failed={t().failed} />
    </Form>
  )
}

function statusText(): string {
  const status = run.status.value
  if (status === 'running' && measured.value?.round) {
    return t().running(String(measured.value.round), String(ROUNDS))
  }
  if (status === 'running') return t().loading
  return status === 'done' ? t().done(String(ROUNDS)) : t()[status]
}

function Bars({ measured }: { measured: Measured }) {
  const { info, rates } = measured
  const rateOf = (name: Case) => (rates[name] ? median(rates[name]) : undefined)
  const most = Math.max(0, ...NAMES.map((name) => rateOf(name) ?? 0))
  const peer = rateOf('tfjs')
  return (
    <>
      <div class="scroll">
        <table class="speeds">
          <caption>{t().caption}</caption>
          <thead>
            <tr>
              <th scope="col">{t().way}</th>
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
                {t().spread}
              </th>
              <th scope="col" class="number">
                {t().first}
              </th>
            </tr>
          </thead>
          <tbody>
            {NAMES.map((name) => {
              const rate = rateOf(name)
              const first = measured.first[name]
              const list = rates[name] ?? []
              return (
                <tr key={name} data-case={name} data-rate={rate}>
                  <th scope="row">{nameOf(name, measured)}</th>
                  <td class="bar">
                    <div
                      class={name === 'tfjs' || name === 'boxMuller' ? 'peer' : ''}
                      style={{ width: `${rate ? Math.max((100 * rate) / most, 0.5) : 0}%` }}
                    />
                  </td>
                  <td class="number" data-head={t().rate}>
                    {rate ? millions(rate) : info && !first ? t().notHere : ''}
                  </td>
                  <td class="number" data-head={t().ratio}>
                    {rate && peer ? t().times(short(rate / peer)) : ''}
                  </td>
                  <td class="number" data-head={t().spread}>
                    {list.length > 0 && `${millions(Math.min(...list))}–${millions(Math.max(...list))}`}
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

function nameOf(name: Case, { info, first }: Measured): string {
  if (name !== 'threads') return t()[name]
  return first.threads !== undefined && info ? t().threads(String(info.threads)) : t().threadsOff
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1]
}

function millions(rate: number): string {
  return short(rate / 1e6)
}

/** Two digits, or all before the point. */
function short(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toPrecision(2)
}
