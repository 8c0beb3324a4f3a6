/** The forms for the network and for the strategies to compare. */

import { formatNumber } from '../chart.tsx'
import { Select, Slider } from '../controls.tsx'
import { Form } from '../layout.tsx'
import { resetPart } from '../address-state.ts'
import {
  ACTIVATIONS,
  formatCandidate,
  customStd,
  CANDIDATES,
  state,
  type Candidate,
} from './network-state.ts'
import { t } from './texts.ts'

export function NetworkForm() {
  return (
    <Form class="form asked" label={t().network}>
      <Slider label={t().layers} value={state.layers} min={2} max={100} />
      <Slider label={t().width} value={state.width} min={8} max={512} step={8} />
      <Select
        label={t().activation}
        value={state.activation}
        options={ACTIVATIONS.map((name) => ({ value: name, label: name }))}
      />
    </Form>
  )
}

export function StrategiesForm() {
  return (
    <Form class="form more" label={t().compare}>
      <fieldset>
        <legend>{t().compare}</legend>
        <ul class="checks">
          {CANDIDATES.map((candidate) => (
            <li key={candidate}>
              <label>
                <input
                  type="checkbox"
                  checked={state.compare.value.includes(candidate)}
                  onChange={(event) => toggleCandidate(candidate, event.currentTarget.checked)}
                />
                <code>{formatCandidate(candidate, customStd.value)}</code>{' '}
                <CandidateNote candidate={candidate} />
              </label>
            </li>
          ))}
        </ul>
      </fieldset>
      <Slider
        label={t().own}
        value={state.own}
        min={-60}
        max={20}
        valueText={String(customStd.value)}
        hint={t().ownHint(formatNumber(customStd.value * Math.sqrt(state.width.value)))}
      />
      <div class="buttons">
        <button
          type="button"
          class="quiet"
          onClick={() => (state.seed.value = (state.seed.value + 1) % 1_000_000)}
        >
          {t().next}
        </button>
        <button type="button" class="quiet" onClick={() => resetPart('network')}>
          {t().reset}
        </button>
      </div>
    </Form>
  )
}

function toggleCandidate(candidate: Candidate, on: boolean): void {
  const { compare } = state
  compare.value = CANDIDATES.filter((one) => (one === candidate ? on : compare.value.includes(one)))
}

function CandidateNote({ candidate }: { candidate: Candidate }) {
  const note = { small: t().small, large: t().large, own: t().yours }[candidate as 'small']
  return note ? <span class="hint">{note}</span> : null
}
