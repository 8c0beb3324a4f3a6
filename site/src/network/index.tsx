/** The part on deep networks: how strategies change activations and gradients, layer by layer. */

import { effect, signal } from '@preact/signals'
import { runLatest } from '../run-latest.ts'
import { Intro } from '../layout.tsx'
import type { CandidateResult, Comparison } from './comparison.ts'
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

const comparison = signal<Comparison | undefined>(undefined)
const progress = signal<{ done: number; all: number } | undefined>(undefined)
const problem = signal<string | undefined>(undefined)

interface ComparisonRequest {
  readonly network: Network
  readonly candidates: readonly Candidate[]
  readonly customStd: number
}

const runComparison = runLatest<ComparisonRequest>(async ({ network, candidates, customStd }, abort) => {
  const results: CandidateResult[] = []
  const isFirst = !comparison.peek()
  try {
    for (const candidate of candidates) {
      progress.value = { done: results.length, all: candidates.length }
      const layers = await simulate(createStrategy(candidate, customStd), network, abort)
      results.push({ candidate, name: formatCandidate(candidate, customStd), layers })
      if (isFirst) comparison.value = { network, candidates: [...results] } // the first comparison appears line by line, later ones at once
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
    candidates: CANDIDATES.filter((candidate) => state.compare.value.includes(candidate)),
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
              : t().clipped}
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
