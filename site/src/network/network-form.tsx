/** The network, and which strategies are compared. */

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
          {CANDIDATES.map((rival) => (
            <li key={rival}>
              <label>
                <input
                  type="checkbox"
                  checked={state.compare.value.includes(rival)}
                  onChange={(event) => toggleCandidate(rival, event.currentTarget.checked)}
                />
                <code>{formatCandidate(rival, customStd.value)}</code> <CandidateNote rival={rival} />
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

function toggleCandidate(rival: Candidate, on: boolean): void {
  const { compare } = state
  compare.value = CANDIDATES.filter((one) => (one === rival ? on : compare.value.includes(one)))
}

function CandidateNote({ rival }: { rival: Candidate }) {
  const remark = { small: t().small, large: t().large, own: t().yours }[rival as 'small']
  return remark ? <span class="hint">{remark}</span> : null
}
