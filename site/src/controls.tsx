/** Controls of a form with label, hint and error, linked for screen readers. Each is bound to a signal. */

import { useSignal, type Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { t } from './texts.ts'

interface FieldProps {
  readonly label: string
  readonly hint?: string
  /** What is wrong with the value. */
  readonly error?: string
}

/** A control with its label, hint and error. Errors of the library are in English and start with a quoted field. */
function Control(props: FieldProps & { render: (inputProps: InputProps) => ComponentChildren }) {
  const id = useId()
  const { label, hint, error } = props
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class={error ? 'control invalid' : 'control'}>
      <label for={id}>{label}</label>
      {props.render({
        id,
        'aria-describedby': describedBy || undefined,
        'aria-invalid': error ? true : undefined,
      })}
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

/** The signal holds the text as it was typed, valid or not. */
export function TextField(
  props: FieldProps & { value: Signal<string>; numeric?: boolean; placeholder?: string },
) {
  const { value, numeric, placeholder } = props
  return (
    <Control
      {...props}
      render={(inputProps) => (
        <input
          {...inputProps}
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

/** A choice from `options`, which may be in groups. */
export function Select<T extends string>(
  props: FieldProps & {
    value: Signal<T>
    options: readonly { value: T; label: string; group?: string }[]
  },
) {
  const { value, options } = props
  const groups = [...new Set(options.map(({ group = '' }) => group))]
  const renderGroup = (name: string) =>
    options
      .filter(({ group = '' }) => group === name)
      .map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value.value}>
          {option.label}
        </option>
      ))
  return (
    <Control
      {...props}
      render={(inputProps) => (
        <select
          {...inputProps}
          value={value.value}
          onChange={(event) => (value.value = event.currentTarget.value as T)}
        >
          {groups.map((group) =>
            group ? (
              <optgroup key={group} label={group}>
                {renderGroup(group)}
              </optgroup>
            ) : (
              renderGroup(group)
            ),
          )}
        </select>
      )}
    />
  )
}

/** An integer on a slider. Its label shows the value, or `valueText` instead. */
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
      render={(inputProps) => (
        <input
          {...inputProps}
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

/** Code with a button that copies it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  const clipboard = useClipboard()
  return (
    <figure class="code">
      <figcaption>
        <span>{label}</span>
        <button type="button" class="quiet" onClick={() => void clipboard.copy(code)}>
          {clipboard.state.value === 'copied' ? t().copied : t().copy}
        </button>
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={label}>
        <code lang="en" translate={false}>
          {code}
        </code>
      </pre>
      <p class="wrong" aria-live="polite">
        {clipboard.state.value === 'refused' ? t().notCopied : ''}
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
