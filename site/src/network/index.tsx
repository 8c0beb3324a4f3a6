/** A deep network, live: what each of several strategies does to activations and gradients, layer by layer. */

import { effect, signal } from '@preact/signals'
import type { LayerSpread } from 'simdinit'
import { latest } from '../latest.ts'
import { Intro } from '../page.tsx'
import { NetworkForm, StrategiesForm } from './form.tsx'
import { Figures } from './figures.tsx'
import { Pictures } from './pictures.tsx'
import { simulate, type Network } from './simulator.ts'
import { nameOf, ownStd, RIVALS, SAMPLES, state, strategyOf, type Rival } from './state.ts'
import { t } from './texts.ts'

export interface Found {
  readonly network: Network
  readonly rivals: readonly {
    readonly rival: Rival
    readonly name: string
    readonly layers: readonly LayerSpread[]
  }[]
}

const found = signal<Found | undefined>(undefined)
const progress = signal<{ done: number; all: number } | undefined>(undefined)
const problem = signal<string | undefined>(undefined)

interface Asked {
  readonly network: Network
  readonly rivals: readonly Rival[]
  readonly own: number
}

const compute = latest<Asked>(async ({ network, rivals, own }, abort) => {
  const results: Found['rivals'][number][] = []
  const first = !found.peek()
  try {
    for (const rival of rivals) {
      progress.value = { done: results.length, all: rivals.length }
      const layers = await simulate(strategyOf(rival, own), network, abort)
      results.push({ rival, name: nameOf(rival, own), layers })
      if (first) found.value = { network, rivals: [...results] } // line by line; later ones change all at once
    }
    found.value = { network, rivals: results }
    problem.value = undefined
    progress.value = undefined
  } catch (error) {
    if (abort.aborted) return
    problem.value = error instanceof Error ? error.message : String(error)
    progress.value = undefined
  }
})

effect(() => {
  compute({
    network: {
      depth: state.layers.value,
      width: state.width.value,
      samples: SAMPLES,
      activation: state.activation.value,
      seed: state.seed.value,
    },
    rivals: RIVALS.filter((rival) => state.compare.value.includes(rival)),
    own: ownStd.value,
  })
})

export default function NetworkPart() {
  const shown = found.value
  return (
    <>
      <Intro title={t().title} lead={t().lead} />
      <div class="bench">
        <NetworkForm />
        <div class="shown" aria-busy={progress.value !== undefined}>
          {problem.value && <p class="wrong">{problem.value}</p>}
          {shown && shown.rivals.length > 0 ? <Pictures found={shown} /> : <p>{t().none}</p>}
          <p class="hint">
            {progress.value
              ? t().computing(String(progress.value.done), String(progress.value.all))
              : t().cut}
          </p>
        </div>
        <StrategiesForm />
        <div class="rest stack">
          {shown && shown.rivals.length > 0 && <Figures found={shown} />}
          <p class="prose">{t().why}</p>
        </div>
      </div>
    </>
  )
}
