/** The part "train it": the same network from five initialisations, side by side. */

import { computed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Chart, short } from '../charts.tsx'
import { Select, Slider } from '../controls.tsx'
import { Form, Intro } from '../page.tsx'
import { reset } from '../state.ts'
import { DATASETS, pointsOf } from './data.ts'
import { Map } from './map.tsx'
import { StartButton, StatusLine } from '../running.tsx'
import { RATES, run, start, state, stop, told } from './run.ts'
import { ACTIVATIONS, STARTS, POINTS, type Start } from './settings.ts'
import { t } from './texts.ts'
import './train.css'

const points = computed(() => pointsOf(state.data.value, POINTS, state.seed.value))

/** Of the runs, in their order; those that the part about deep networks has too are as there. */
const COLOURS = [4, 0, 1, 2, 3]

export default function Train() {
  useEffect(() => stop, [])
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="split">
        <Settings />
        <div class="stack">
          <Losses />
          <Maps />
          <p>{t().say}</p>
          <p class="hint">{t().exact}</p>
        </div>
      </div>
    </>
  )
}

/** The options of a choice. */
function named<T extends string>(list: readonly T[], label: (value: T) => string) {
  return list.map((value) => ({ value, label: label(value) }))
}

function Settings() {
  return (
    <Form class="form" label={t().group}>
      <Select label={t().data} value={state.data} options={named(DATASETS, (name) => t()[name])} />
      <Select label={t().activation} value={state.activation} options={named(ACTIVATIONS, (name) => name)} />
      <Slider label={t().layers} hint={t().layersHint} value={state.layers} least={1} most={12} />
      <Select
        label={t().rate}
        hint={t().rateHint}
        value={state.rate}
        options={named(RATES, (rate) => rate)}
      />
      <Slider label={t().steps} value={state.steps} least={100} most={1000} step={100} />
      <Slider label={t().seed} hint={t().seedHint} value={state.seed} least={0} most={99} />
      <div class="buttons">
        <StartButton
          of={run}
          start={told.value.losses.length > 0 ? t().trainAgain : t().train}
          stop={t().stop}
          onStart={start}
          onStop={stop}
        />
        <button type="button" class="quiet" onClick={() => reset('train')}>
          {t().reset}
        </button>
      </div>
      <StatusLine of={run} text={statusText()} failed={t().failed} />
    </Form>
  )
}

function statusText(): string {
  const { steps } = state
  const status = run.status.value
  const done = told.value.losses.length - 1
  if (status === 'loading') return t().loading
  if (status === 'running') return t().running(String(Math.max(done, 0)), String(steps.value))
  if (status === 'done') return t().done(String(steps.value))
  return status === 'stopped' && done >= 0 ? t().stopped(String(done)) : t().ready
}

function Losses() {
  const { losses } = told.value
  const steps = losses.map((_, step) => step)
  const series = STARTS.map((name, run) => ({
    label: t()[name],
    values: losses.map((of) => (Number.isFinite(of[run]) ? of[run] : null)),
    colour: COLOURS[run],
    ...(name === 'he' && { dash: [] }),
  }))
  const guess = { label: t().half, values: steps.map(() => Math.LN2), colour: 7, dash: [1, 4] }
  return (
    <Chart
      title={t().chart}
      summary={t().summary(STARTS.map((name) => `${t()[name]}: ${verdictOf(name)}`).join('; '))}
      places={steps}
      x={{ label: t().step, from: 0, to: state.steps.value }}
      y={{ label: t().loss, log: true, from: 1e-4, to: 1e3 }}
      series={[guess, ...series]}
      height={320}
    />
  )
}

function Maps() {
  const { maps, losses } = told.value
  return (
    <section class="maps" aria-label={t().maps}>
      <h3>{t().maps}</h3>
      <ul>
        {STARTS.map((name, run) => (
          <li key={name} data-start={name} data-loss={losses.at(-1)?.[run]}>
            <Map values={maps?.[run]} points={points.value} label={t().map(t()[name], verdictOf(name))} />
            <h4>{t()[name]}</h4>
            <p class="hint">{t()[`${name}Is`]}</p>
            <p>{verdictOf(name)}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What has become of a run, in words. */
function verdictOf(name: Start): string {
  const run = STARTS.indexOf(name)
  const { losses } = told.value
  const lost = losses.findIndex((of) => !Number.isFinite(of[run]))
  if (losses.length === 0) return t().notYet
  if (lost >= 0) return t().diverged(String(lost))
  const loss = losses.at(-1)![run]
  const said = short(loss)
  if (loss < 0.1) return t().learned(said)
  if (loss > 0.75) return t().worse(said)
  return loss > 0.68 ? t().guessing(said) : t().learning(said)
}
