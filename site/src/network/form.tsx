/** The network, and which strategies are compared. */

import { short } from '../charts.tsx'
import { Select, Slider } from '../controls.tsx'
import { Form } from '../page.tsx'
import { reset } from '../state.ts'
import { ACTIVATIONS, nameOf, ownStd, RIVALS, state, type Rival } from './state.ts'
import { t } from './texts.ts'

export function NetworkForm() {
  return (
    <Form class="form asked" label={t().network}>
      <Slider label={t().layers} value={state.layers} least={2} most={100} />
      <Slider label={t().width} value={state.width} least={8} most={512} step={8} />
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
          {RIVALS.map((rival) => (
            <li key={rival}>
              <label>
                <input
                  type="checkbox"
                  checked={state.compare.value.includes(rival)}
                  onChange={(event) => toggle(rival, event.currentTarget.checked)}
                />
                <code>{nameOf(rival, ownStd.value)}</code> <Remark rival={rival} />
              </label>
            </li>
          ))}
        </ul>
      </fieldset>
      <Slider
        label={t().own}
        value={state.own}
        least={-60}
        most={20}
        shown={String(ownStd.value)}
        hint={t().ownHint(short(ownStd.value * Math.sqrt(state.width.value)))}
      />
      <div class="buttons">
        <button
          type="button"
          class="quiet"
          onClick={() => (state.seed.value = (state.seed.value + 1) % 1_000_000)}
        >
          {t().next}
        </button>
        <button type="button" class="quiet" onClick={() => reset('network')}>
          {t().reset}
        </button>
      </div>
    </Form>
  )
}

function toggle(rival: Rival, on: boolean): void {
  const { compare } = state
  compare.value = RIVALS.filter((one) => (one === rival ? on : compare.value.includes(one)))
}

function Remark({ rival }: { rival: Rival }) {
  const remark = { small: t().small, large: t().large, own: t().yours }[rival as 'small']
  return remark ? <span class="hint">{remark}</span> : null
}
