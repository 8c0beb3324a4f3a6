/** The part on training: the same network with five initializations. */

import { computed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Chart, formatNumber } from '../chart.tsx'
import { Select, Slider } from '../controls.tsx'
import { Form, Intro } from '../layout.tsx'
import { resetPart } from '../address-state.ts'
import { DATASETS, generatePoints } from './datasets.ts'
import { DecisionMap } from './decision-map.tsx'
import { StartButton, StatusLine } from '../run-state.tsx'
import { LEARNING_RATES, run, start, state, stop, history } from './train-state.ts'
import { ACTIVATIONS, INITIALIZATIONS, POINT_COUNT, type Initialization } from './settings.ts'
import { t } from './texts.ts'
import './train.css'

const points = computed(() => generatePoints(state.data.value, POINT_COUNT, state.seed.value))

/** Colors of the runs, the same as in the part on deep networks. */
const RUN_COLORS = [4, 0, 1, 2, 3]

export default function Train() {
  useEffect(() => stop, [])
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="split">
        <Settings />
        <div class="stack">
          <LossChart />
          <DecisionMaps />
          <p>{t().explanation}</p>
          <p class="hint">{t().reproducibility}</p>
        </div>
      </div>
    </>
  )
}

/** The options of a choice. */
function toOptions<T extends string>(list: readonly T[], label: (value: T) => string) {
  return list.map((value) => ({ value, label: label(value) }))
}

function Settings() {
  return (
    <Form class="form" label={t().group}>
      <Select label={t().data} value={state.data} options={toOptions(DATASETS, (name) => t()[name])} />
      <Select
        label={t().activation}
        value={state.activation}
        options={toOptions(ACTIVATIONS, (name) => name)}
      />
      <Slider label={t().layers} hint={t().layersHint} value={state.layers} min={1} max={12} />
      <Select
        label={t().rate}
        hint={t().rateHint}
        value={state.rate}
        options={toOptions(LEARNING_RATES, (rate) => rate)}
      />
      <Slider label={t().steps} value={state.steps} min={100} max={1000} step={100} />
      <Slider label={t().seed} hint={t().seedHint} value={state.seed} min={0} max={99} />
      <div class="buttons">
        <StartButton
          run={run}
          start={history.value.losses.length > 0 ? t().trainAgain : t().train}
          stop={t().stop}
          onStart={start}
          onStop={stop}
        />
        <button type="button" class="quiet" onClick={() => resetPart('train')}>
          {t().reset}
        </button>
      </div>
      <StatusLine run={run} text={statusText()} failed={t().failed} />
    </Form>
  )
}

function statusText(): string {
  const { steps } = state
  const status = run.status.value
  const done = history.value.losses.length - 1
  if (status === 'loading') return t().loading
  if (status === 'running') return t().running(String(Math.max(done, 0)), String(steps.value))
  if (status === 'done') return t().done(String(steps.value))
  return status === 'stopped' && done >= 0 ? t().stopped(String(done)) : t().ready
}

function LossChart() {
  const { losses } = history.value
  const steps = losses.map((_, step) => step)
  const series = INITIALIZATIONS.map((name, run) => ({
    label: t()[name],
    values: losses.map((of) => (Number.isFinite(of[run]) ? of[run] : null)),
    color: RUN_COLORS[run],
    ...(name === 'he' && { dash: [] }),
  }))
  const guess = { label: t().guess, values: steps.map(() => Math.LN2), color: 7, dash: [1, 4] }
  return (
    <Chart
      title={t().chart}
      summary={t().summary(INITIALIZATIONS.map((name) => `${t()[name]}: ${describeRun(name)}`).join('; '))}
      xValues={steps}
      x={{ label: t().step, from: 0, to: state.steps.value }}
      y={{ label: t().loss, log: true, from: 1e-4, to: 1e3 }}
      series={[guess, ...series]}
      height={320}
    />
  )
}

function DecisionMaps() {
  const { maps, losses } = history.value
  return (
    <section class="maps" aria-label={t().maps}>
      <h3>{t().maps}</h3>
      <ul>
        {INITIALIZATIONS.map((name, run) => (
          <li key={name} data-start={name} data-loss={losses.at(-1)?.[run]}>
            <DecisionMap
              values={maps?.[run]}
              points={points.value}
              label={t().map(t()[name], describeRun(name))}
            />
            <h4>{t()[name]}</h4>
            <p class="hint">{t()[`${name}Is`]}</p>
            <p>{describeRun(name)}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The state of a run in words. */
function describeRun(name: Initialization): string {
  const run = INITIALIZATIONS.indexOf(name)
  const { losses } = history.value
  const divergedAt = losses.findIndex((of) => !Number.isFinite(of[run]))
  if (losses.length === 0) return t().notYet
  if (divergedAt >= 0) return t().diverged(String(divergedAt))
  const loss = losses.at(-1)![run]
  const text = formatNumber(loss)
  if (loss < 0.1) return t().learned(text)
  if (loss > 0.75) return t().worse(text)
  return loss > 0.68 ? t().guessing(text) : t().learning(text)
}
