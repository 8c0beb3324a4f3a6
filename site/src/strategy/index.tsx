/** The part on strategies: a form, the values with their distribution, and the code that gives them. */

import { computed, effect, signal } from '@preact/signals'
import { CodeBlock } from '../controls.tsx'
import { Intro } from '../layout.tsx'
import { refreshEngineInfo, getEngine } from '../engine.ts'
import { runLatest } from '../run-latest.ts'
import { readRequest, type TensorRequest } from './form-state.ts'
import { generateKerasCode } from './code/keras-code.ts'
import { generateSimdinitCode } from './code/simdinit-code.ts'
import { generateTorchCode } from './code/torch-code.ts'
import { drawSample, isMatrixStrategy, MAX_ELEMENTS, type Sample } from './draw-sample.ts'
import { StrategyForm, TensorForm } from './strategy-form.tsx'
import { FirstValues, MomentsTable } from './moments-table.tsx'
import { HistogramChart } from './histogram.tsx'
import { t } from './texts.ts'
import { formatCount } from './format-distribution.ts'

/** The last valid sample, and what is wrong with the current request. */
const sample = signal<Sample | undefined>(undefined)
const problem = signal<string | undefined>(undefined)
const busy = signal(true)

const redraw = runLatest<TensorRequest>(async (request, abort) => {
  try {
    sample.value = await drawSample(await getEngine(), request, abort)
    problem.value = undefined
    void refreshEngineInfo()
  } catch (error) {
    if (abort.aborted) return
    problem.value = getErrorMessage(error)
  }
  busy.value = abort.aborted
})

effect(() => {
  try {
    const request = readRequest()
    if (request.size === 0) throw new Error(t().tooFew)
    if (isMatrixStrategy(request) && request.size > MAX_ELEMENTS)
      throw new Error(`"shape" ${t().tooLarge(formatCount(MAX_ELEMENTS))}`)
    busy.value = true
    redraw(request)
  } catch (error) {
    problem.value = getErrorMessage(error)
    busy.value = false
  }
})

function getErrorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const code = computed(() => {
  const request = sample.value?.request
  return (
    request && {
      simdinit: generateSimdinitCode(request),
      torch: generateTorchCode(request),
      keras: generateKerasCode(request),
    }
  )
})

export default function Strategy() {
  const shown = sample.value
  const stale = problem.value ? ' stale' : ''
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="bench">
        <StrategyForm problem={problem.value} />
        <div class={`shown${stale}`} aria-busy={busy.value}>
          {problem.value && <p class="hint">{shown ? t().before : t().nothing}</p>}
          {shown && <HistogramChart sample={shown} />}
        </div>
        <TensorForm problem={problem.value} />
        <div class={`rest stack${stale}`}>
          {shown && (
            <div class="columns uneven">
              <MomentsTable sample={shown} />
              <FirstValues sample={shown} />
            </div>
          )}
          {code.value && (
            <section class="stack tight">
              <div>
                <h3>{t().code}</h3>
                <p class="hint">{t().codeNote}</p>
              </div>
              <CodeBlock label="simdinit" code={code.value.simdinit} />
              <CodeBlock label="PyTorch" code={code.value.torch} />
              <CodeBlock label="Keras" code={code.value.keras} />
            </section>
          )}
        </div>
      </div>
    </>
  )
}
