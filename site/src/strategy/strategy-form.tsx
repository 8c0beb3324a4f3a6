/** The forms for the strategy and the tensor. Errors of the library appear next to the field that they name. */

import { DTYPES } from 'simdinit'
import { useEffect, useRef } from 'preact/hooks'
import { Select, TextField } from '../controls.tsx'
import { Form } from '../layout.tsx'
import { resetPart } from '../address-state.ts'
import { readFans, state } from './form-state.ts'
import { getEntry, STRATEGY_NAMES, type Parameter } from './catalog.ts'
import { t } from './texts.ts'
import { formatCount } from './format-distribution.ts'

/** Fields of the tensor that errors of the library may name. */
const TENSOR_FIELDS = ['shape', 'seed', 'name']

/** The field that an error of the library starts with. */
function parseProblemField(problem: string | undefined): string {
  return /^"(\w+)/.exec(problem ?? '')?.[1] ?? ''
}

export function StrategyForm({ problem }: { problem: string | undefined }) {
  const { parameters, more, group } = getEntry(state.type.value)
  const invalidField = parseProblemField(problem)
  const hasOwnField = [...TENSOR_FIELDS, ...[...parameters, ...more].map(({ name }) => name)].includes(
    invalidField,
  )
  return (
    <Form class="form asked" label={t().strategy}>
      <Select
        label={t().strategy}
        value={state.type}
        options={STRATEGY_NAMES.map((name) => ({
          value: name,
          label: name,
          group: t()[getEntry(name).group],
        }))}
        hint={t()[group]}
        error={hasOwnField ? undefined : problem}
      />
      {parameters.length > 0 && (
        <ParameterFields parameters={parameters} invalidField={invalidField} problem={problem} />
      )}
    </Form>
  )
}

interface ParameterProps {
  readonly parameters: readonly Parameter[]
  /** The name of the parameter with an error. */
  readonly invalidField: string
  readonly problem: string | undefined
}

function ParameterFields({ parameters, invalidField, problem }: ParameterProps) {
  return (
    <div class="pair">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          error={parameter.name === invalidField ? problem : undefined}
        />
      ))}
    </div>
  )
}

/** Rarely needed parameters: closed until one is set or wrong. */
function MoreParameters(props: ParameterProps) {
  const details = useRef<HTMLDetailsElement>(null)
  const isSet = props.parameters.some(({ name }) => state[name].value.trim() !== '')
  const isWrong = props.parameters.some(({ name }) => name === props.invalidField)
  useEffect(() => {
    if (isSet || isWrong) details.current!.open = true
  }, [isSet, isWrong])
  return (
    <details ref={details}>
      <summary>{props.parameters.length > 1 ? t().moreFans : t().moreRows}</summary>
      <ParameterFields {...props} />
    </details>
  )
}

export function TensorForm({ problem }: { problem: string | undefined }) {
  const invalidField = parseProblemField(problem)
  const errorOf = (name: string) => (name === invalidField ? problem : undefined)
  const { fanIn: into, fanOut: out } = readFans()
  return (
    <Form class="form more" label={t().tensor}>
      <TextField
        label={t().shape}
        value={state.shape}
        hint={
          invalidField === 'shape'
            ? undefined
            : into || out
              ? t().fans(formatFan(into), formatFan(out))
              : t().noFans
        }
        error={errorOf('shape')}
      />
      {invalidField === 'shape' && <ShapeSuggestion shape={getEntry(state.type.value).shape ?? '512, 256'} />}
      <Select
        label={t().layout}
        value={state.layout}
        options={[
          { value: 'oi', label: t().oi },
          { value: 'io', label: t().io },
        ]}
      />
      <MoreParameters
        parameters={getEntry(state.type.value).more}
        invalidField={invalidField}
        problem={problem}
      />
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
        <button type="button" class="quiet" onClick={incrementSeed}>
          {t().next}
        </button>
        <button type="button" class="quiet" onClick={() => resetPart('strategy')}>
          {t().reset}
        </button>
      </div>
    </Form>
  )
}

function formatFan(fan: number | undefined): string {
  return fan === undefined ? '–' : formatCount(fan)
}

/** The next number; 0 after a text. */
function incrementSeed(): void {
  const seed = Number(state.seed.value)
  state.seed.value = Number.isSafeInteger(seed + 1) ? String(seed + 1) : '0'
}

/** Parameters have the names of the library. */
function ParameterField({ parameter, error }: { parameter: Parameter; error: string | undefined }) {
  const { name, initial, choices, isList, unset = 'none' } = parameter
  const hint = { rows: t().rowsHint, vectorFans: t().vectorFansHint }[name as string]
  if (!choices) {
    return (
      <TextField
        label={name}
        value={state[name]}
        placeholder={initial === '' ? t()[unset] : initial}
        numeric={!isList}
        hint={hint}
        error={error}
      />
    )
  }
  const options = choices.map((word) => ({ value: word === initial ? '' : word, label: word || t().none }))
  return <Select label={name} value={state[name]} options={options} hint={hint} error={error} />
}

function ShapeSuggestion({ shape }: { shape: string }) {
  return (
    <div>
      <button type="button" class="quiet" onClick={() => (state.shape.value = shape)}>
        {t().useShape(shape)}
      </button>
    </div>
  )
}
