/** What is asked: the strategy with its parameters, and the tensor. What the library says of a field stands beside it. */

import { DTYPES } from 'simdinit'
import { useEffect, useRef } from 'preact/hooks'
import { Select, TextField } from '../controls.tsx'
import { Form } from '../page.tsx'
import { reset } from '../state.ts'
import { fans, state } from './ask.ts'
import { entryOf, NAMES, type Parameter } from './catalogue.ts'
import { t } from './texts.ts'
import { count } from './words.ts'

/** The fields of the tensor that the library's sentences may be about. */
const FIELDS = ['shape', 'seed', 'name']

/** The field that a sentence of the library begins with. */
function fieldOf(problem: string | undefined): string {
  return /^"(\w+)/.exec(problem ?? '')?.[1] ?? ''
}

export function StrategyForm({ problem }: { problem: string | undefined }) {
  const { parameters, more, group } = entryOf(state.type.value)
  const at = fieldOf(problem)
  const elsewhere = [...FIELDS, ...[...parameters, ...more].map(({ name }) => name)].includes(at)
  return (
    <Form class="form asked" label={t().strategy}>
      <Select
        label={t().strategy}
        value={state.type}
        options={NAMES.map((name) => ({ value: name, label: name, group: t()[entryOf(name).group] }))}
        hint={t()[group]}
        error={elsewhere ? undefined : problem}
      />
      {parameters.length > 0 && <ParameterFields of={parameters} at={at} problem={problem} />}
    </Form>
  )
}

interface ParameterProps {
  readonly of: readonly Parameter[]
  /** The parameter that is wrong. */
  readonly at: string
  readonly problem: string | undefined
}

function ParameterFields({ of, at, problem }: ParameterProps) {
  return (
    <div class="pair">
      {of.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          error={parameter.name === at ? problem : undefined}
        />
      ))}
    </div>
  )
}

/** What few ask for: shut until it says something, or is wrong. */
function More(props: ParameterProps) {
  const details = useRef<HTMLDetailsElement>(null)
  const said = props.of.some(({ name }) => state[name].value.trim() !== '')
  const wrong = props.of.some(({ name }) => name === props.at)
  useEffect(() => {
    if (said || wrong) details.current!.open = true
  }, [said, wrong])
  return (
    <details ref={details}>
      <summary>{props.of.length > 1 ? t().moreFans : t().moreRows}</summary>
      <ParameterFields {...props} />
    </details>
  )
}

export function TensorForm({ problem }: { problem: string | undefined }) {
  const at = fieldOf(problem)
  const errorOf = (name: string) => (name === at ? problem : undefined)
  const { fanIn: into, fanOut: out } = fans()
  return (
    <Form class="form more" label={t().tensor}>
      <TextField
        label={t().shape}
        value={state.shape}
        hint={at === 'shape' ? undefined : into || out ? t().fans(fanText(into), fanText(out)) : t().noFans}
        error={errorOf('shape')}
      />
      {at === 'shape' && <Fitting shape={entryOf(state.type.value).shape ?? '512, 256'} />}
      <Select
        label={t().layout}
        value={state.layout}
        options={[
          { value: 'oi', label: t().oi },
          { value: 'io', label: t().io },
        ]}
      />
      <More of={entryOf(state.type.value).more} at={at} problem={problem} />
      <Select
        label={t().dtype}
        value={state.dtype}
        options={DTYPES.map((dtype) => ({ value: dtype, label: dtype }))}
      />
      <div class="pair">
        <TextField label={t().seed} value={state.seed} error={errorOf('seed')} />
        <TextField label={t().name} value={state.name} error={errorOf('name')} />
      </div>
      <div class="buttons">
        <button type="button" class="quiet" onClick={nextSeed}>
          {t().next}
        </button>
        <button type="button" class="quiet" onClick={() => reset('strategy')}>
          {t().reset}
        </button>
      </div>
    </Form>
  )
}

function fanText(fan: number | undefined): string {
  return fan === undefined ? '–' : count(fan)
}

/** The number after this one; 0 after a text. */
function nextSeed(): void {
  const seed = Number(state.seed.value)
  state.seed.value = Number.isSafeInteger(seed + 1) ? String(seed + 1) : '0'
}

/** Parameters are called what the library calls them. */
function ParameterField({ parameter, error }: { parameter: Parameter; error: string | undefined }) {
  const { name, initial, words, list, unset = 'none' } = parameter
  const hint = { rows: t().rowsHint, lowRank: t().lowRankHint }[name as string]
  if (!words) {
    return (
      <TextField
        label={name}
        value={state[name]}
        placeholder={initial === '' ? t()[unset] : initial}
        numeric={!list}
        hint={hint}
        error={error}
      />
    )
  }
  const options = words.map((word) => ({ value: word === initial ? '' : word, label: word || t().none }))
  return <Select label={name} value={state[name]} options={options} hint={hint} error={error} />
}

function Fitting({ shape }: { shape: string }) {
  return (
    <div>
      <button type="button" class="quiet" onClick={() => (state.shape.value = shape)}>
        {t().fits(shape)}
      </button>
    </div>
  )
}
