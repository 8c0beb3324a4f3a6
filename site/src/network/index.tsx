/** A deep network, live: what each of several strategies does to activations and gradients, layer by layer. */

import { effect, signal } from '@preact/signals'
import type { LayerStats } from 'simdinit'
import { runLatest } from '../run-latest.ts'
import { Intro } from '../layout.tsx'
import { NetworkForm, StrategiesForm } from './network-form.tsx'
import { ResultsTable } from './table.tsx'
import { LayerCharts } from './layer-charts.tsx'
import { simulate, type Network } from './simulate-client.ts'
import {
  formatCandidate,
  customStd,
  CANDIDATES,
  SAMPLE_COUNT,
  state,
  createStrategy,
  type Candidate,
} from './network-state.ts'
import { t } from './texts.ts'

export interface Comparison {
  readonly network: Network
  readonly candidates: readonly {
    readonly rival: Candidate
    readonly name: string
    readonly layers: readonly LayerStats[]
  }[]
}

const comparison = signal<Comparison | undefined>(undefined)
const progress = signal<{ done: number; all: number } | undefined>(undefined)
const problem = signal<string | undefined>(undefined)

interface ComparisonRequest {
  readonly network: Network
  readonly candidates: readonly Candidate[]
  readonly customStd: number
}

const runComparison = runLatest<ComparisonRequest>(async ({ network, candidates, customStd }, abort) => {
  const results: Comparison['candidates'][number][] = []
  const first = !comparison.peek()
  try {
    for (const rival of candidates) {
      progress.value = { done: results.length, all: candidates.length }
      const layers = await simulate(createStrategy(rival, customStd), network, abort)
      results.push({ rival, name: formatCandidate(rival, customStd), layers })
      if (first) comparison.value = { network, candidates: [...results] } // line by line; later ones change all at once
    }
    comparison.value = { network, candidates: results }
    problem.value = undefined
    progress.value = undefined
  } catch (error) {
    if (abort.aborted) return
    problem.value = error instanceof Error ? error.message : String(error)
    progress.value = undefined
  }
})

effect(() => {
  runComparison({
    network: {
      depth: state.layers.value,
      width: state.width.value,
      samples: SAMPLE_COUNT,
      activation: state.activation.value,
      seed: state.seed.value,
    },
    candidates: CANDIDATES.filter((rival) => state.compare.value.includes(rival)),
    customStd: customStd.value,
  })
})

export default function NetworkPart() {
  const shown = comparison.value
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="bench">
        <NetworkForm />
        <div class="shown" aria-busy={progress.value !== undefined}>
          {problem.value && <p class="wrong">{problem.value}</p>}
          {shown && shown.candidates.length > 0 ? <LayerCharts comparison={shown} /> : <p>{t().none}</p>}
          <p class="hint">
            {progress.value
              ? t().computing(String(progress.value.done), String(progress.value.all))
              : t().cut}
          </p>
        </div>
        <StrategiesForm />
        <div class="rest stack">
          {shown && shown.candidates.length > 0 && <ResultsTable comparison={shown} />}
          <p class="prose">{t().why}</p>
        </div>
      </div>
    </>
  )
}
