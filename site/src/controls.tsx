/**
 * Controls of a form, with label, hint and what is wrong, which belong together for whoever hears the page. Each is
 * bound to a signal.
 */

import { useSignal, type Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { t } from './texts.ts'

interface FieldProps {
  readonly label: string
  readonly hint?: string
  /** A sentence that says what is wrong, if something is. */
  readonly error?: string
}

/** A control with what is said about it; `of` makes it. The library's own sentences begin with a field in quotes. */
function Control(props: FieldProps & { render: (about: InputProps) => ComponentChildren }) {
  const id = useId()
  const { label, hint, error } = props
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class={error ? 'control invalid' : 'control'}>
      <label for={id}>{label}</label>
      {props.render({ id, 'aria-describedby': about || undefined, 'aria-invalid': error ? true : undefined })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <p class="wrong" id={`${id}-error`} aria-live="polite" lang={error?.startsWith('"') ? 'en' : undefined}>
        {error}
      </p>
    </div>
  )
}

interface InputProps {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

/** What is typed is what the signal holds, right or wrong. */
export function TextField(
  props: FieldProps & { value: Signal<string>; numeric?: boolean; placeholder?: string },
) {
  const { value, numeric, placeholder } = props
  return (
    <Control
      {...props}
      render={(about) => (
        <input
          {...about}
          type="text"
          inputMode={numeric ? 'decimal' : undefined}
          autoComplete="off"
          spellcheck={false}
          maxLength={200}
          placeholder={placeholder}
          value={value.value}
          onInput={(event) => (value.value = event.currentTarget.value)}
        />
      )}
    />
  )
}

/** A choice from `options`, by value; groups are shown as such. */
export function Select<T extends string>(
  props: FieldProps & {
    value: Signal<T>
    options: readonly { value: T; label: string; group?: string }[]
  },
) {
  const { value, options } = props
  const groups = [...new Set(options.map(({ group = '' }) => group))]
  const listed = (of: string) =>
    options
      .filter(({ group = '' }) => group === of)
      .map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value.value}>
          {option.label}
        </option>
      ))
  return (
    <Control
      {...props}
      render={(about) => (
        <select
          {...about}
          value={value.value}
          onChange={(event) => (value.value = event.currentTarget.value as T)}
        >
          {groups.map((group) =>
            group ? (
              <optgroup key={group} label={group}>
                {listed(group)}
              </optgroup>
            ) : (
              listed(group)
            ),
          )}
        </select>
      )}
    />
  )
}

/** A whole number by a slider, whose value is written beside its label. `shown` says it otherwise than as a number. */
export function Slider(
  props: FieldProps & {
    value: Signal<number>
    min: number
    max: number
    step?: number
    valueText?: string
  },
) {
  const { value, min, max, step = 1, label, valueText = String(value.value) } = props
  return (
    <Control
      {...props}
      label={`${label}: ${valueText}`}
      render={(about) => (
        <input
          {...about}
          type="range"
          min={min}
          max={max}
          step={step}
          value={value.value}
          aria-valuetext={valueText}
          onInput={(event) => (value.value = event.currentTarget.valueAsNumber)}
        />
      )}
    />
  )
}

/** Text to take along, with a button that copies it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  const said = useClipboard()
  return (
    <figure class="code">
      <figcaption>
        <span>{label}</span>
        <button type="button" class="quiet" onClick={() => void said.copy(code)}>
          {said.state.value === 'copied' ? t().copied : t().copy}
        </button>
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={label}>
        <code lang="en" translate={false}>
          {code}
        </code>
      </pre>
      <p class="wrong" aria-live="polite">
        {said.state.value === 'refused' ? t().notCopied : ''}
      </p>
    </figure>
  )
}

function useClipboard() {
  const state = useSignal<'' | 'copied' | 'refused'>('')
  const copy = async (code: string) => {
    try {
      await navigator.clipboard.writeText(code)
      state.value = 'copied'
    } catch {
      state.value = 'refused'
    }
    setTimeout(() => (state.value = ''), 3000)
  }
  return { state, copy }
}
