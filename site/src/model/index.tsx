/** The part on whole models: a form, the plan with its files, and the inspection of files. */

import { useSignal } from '@preact/signals'
import { DTYPES } from 'simdinit'
import { PRESETS, RECIPES } from 'simdinit/models'
import { useEffect, useRef } from 'preact/hooks'
import { Select, TextField } from '../controls.tsx'
import { Form, Intro } from '../layout.tsx'
import { InspectionView } from './inspect-view.tsx'
import { acceptFiles } from './inspect-state.ts'
import { generation, uploadedConfig, state } from './generate-state.ts'
import { PlanView } from './plan-view.tsx'
import { t } from './texts.ts'
import './model.css'

export default function Model() {
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="stack">
        <DropZone />
        <InspectionView />
        <div class="split">
          <Settings />
          <PlanView />
        </div>
      </div>
    </>
  )
}

/** Accepts files that are dropped anywhere in the window or chosen in a dialog. */
function DropZone() {
  const input = useRef<HTMLInputElement>(null)
  const over = useSignal(false)
  useEffect(() => {
    const drag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault() // otherwise the browser opens the file instead of this page
      over.value = event.type === 'dragover'
      if (event.type === 'drop') void acceptFiles([...event.dataTransfer.files])
    }
    const events = ['dragover', 'dragleave', 'drop'] as const
    for (const name of events) addEventListener(name, drag)
    return () => {
      for (const name of events) removeEventListener(name, drag)
    }
  }, [])
  return (
    <section class={over.value ? 'drop over' : 'drop'} aria-label={t().dropTitle}>
      <p>
        {t().drop}{' '}
        <button type="button" class="quiet" onClick={() => input.current!.click()}>
          {t().choose}
        </button>
      </p>
      <p class="hint">{t().dropHint}</p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t().choose}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])]
          event.currentTarget.value = '' // allows choosing the same file again
          void acceptFiles(files)
        }}
      />
    </section>
  )
}

function Settings() {
  const { argument } = RECIPES.find(({ name }) => name === state.recipe.value) ?? {}
  const busy = generation.value?.step === 'running'
  return (
    <Form label={t().group}>
      <fieldset class="form" disabled={busy}>
        {uploadedConfig.value ? (
          <div class="control">
            <p class="label">{t().preset}</p>
            <p class="mine">{t().own(uploadedConfig.value.name)}</p>
            <button type="button" class="quiet" onClick={() => (uploadedConfig.value = undefined)}>
              {t().forgetOwn}
            </button>
          </div>
        ) : (
          <Select
            label={t().preset}
            value={state.preset}
            options={Object.keys(PRESETS).map((name) => ({ value: name, label: name }))}
          />
        )}
        <Select
          label={t().dtype}
          value={state.dtype}
          options={[
            { value: 'config', label: t().ofConfig },
            ...DTYPES.map((dtype) => ({ value: dtype, label: dtype })),
          ]}
        />
        <Select
          label={t().recipe}
          value={state.recipe}
          options={RECIPES.map(({ name }) => ({ value: name, label: name }))}
        />
        {argument && <TextField label={t().width} value={state.width} numeric />}
        <TextField label={t().seed} value={state.seed} />
        <TextField label={t().changes} hint={t().changesHint} value={state.changes} />
        <TextField label={t().shard} value={state.shard} />
      </fieldset>
    </Form>
  )
}
